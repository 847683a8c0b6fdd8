/**
 * Checks the journals of a log directory, also beside a running node: of every group that the commit
 * mark names as answered and that may still be needed, that it is there and its batches are sound.
 */
import { type DirectoryId } from '../../base/id.ts'
import { type FileStore } from '../../engine/ports/file-store.ts'
import { readMark, type MarkState } from '../../engine/storage/commit-mark.ts'
import { readMarker } from '../../engine/storage/marker.ts'
import { bodiesOfAreSound, readRing } from '../../engine/storage/read-journal.ts'
import { type Finding } from './finding.ts'

const modes = ['ack', 'interval'] as const

/** What is wrong with the journals at `path`; after a clean stop nothing in them is needed. */
export async function journalFindings(files: FileStore, path: string): Promise<readonly Finding[]> {
  for (;;) {
    const { directoryId, state } = await readMarker(files, path)
    if (state.type === 'stopped') return []
    const mark = await readMark(files, path)
    const findings: Finding[] = []
    for (const mode of modes)
      findings.push(...(await findingsOf(files, path, { mode, mark, directoryId })))
    if (findings.length === 0) return findings
    // A running node uses a file again once both slots of the mark have a floor above what was in it.
    const { rings } = await readMark(files, path)
    if (modes.every((mode) => rings[mode].floor === mark.rings[mode].floor)) return findings
  }
}

async function findingsOf(
  files: FileStore,
  path: string,
  of: {
    readonly mode: (typeof modes)[number]
    readonly mark: MarkState
    readonly directoryId: DirectoryId
  },
): Promise<readonly Finding[]> {
  const { mode, directoryId } = of
  const mark = of.mark.rings[mode]
  const directory = `${path}/journal`
  const { groups, ring, isHoled } = await readRing(
    files,
    { directory, directoryId, mode, isOurs: false },
    {
      mark,
      wasClean: false,
      mayHaveHoles: false,
      trustsOnlyMark: true,
      // Those that a row reflects may be gone; the others are checked when the directory is opened.
      rangesAreSound: async () => Promise.resolve(true),
      lastSettled: 0,
    },
  )
  const broken: Finding[] = []
  for (const group of groups) {
    if (await bodiesOfAreSound(group)) continue
    const name = `${group.file.path} group ${group.number}`
    broken.push({ what: 'journal', name, problem: 'the CRC of a batch is wrong' })
  }
  for (const { file } of [...ring.lives, ...ring.freeFiles.map((file) => ({ file }))])
    await file.file.close()
  if (!isHoled) return broken
  const name = `${directory}/${mode}-* groups ${mark.floor} to ${mark.answered}`
  return [{ what: 'journal', name, problem: 'answered groups are missing' }, ...broken]
}
