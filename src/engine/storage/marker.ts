/**
 * The marker of a log directory: whose it is, in which format, and whether it runs, failed or was
 * stopped cleanly. A text file, replaced as a whole: written aside, synced, renamed, its directory synced.
 */
import { textOf, utf8, MalformedBytesError } from '../../base/bytes.ts'
import { crc32c } from '../../base/crc32c.ts'
import {
  clusterId,
  directoryId,
  isUuid,
  nodeId,
  type ClusterId,
  type DirectoryId,
  type NodeId,
} from '../../base/id.ts'
import { StorageFault } from '../ports/fault.ts'
import { type FileStore } from '../ports/file-store.ts'
import { closeOnFailure } from './guard.ts'

/** Name of the file in its directory. */
export const markerName = 'sluice.properties'

// Of everything in the directory: raised with each change of a file in it that another version could misread.
const directoryFormat = 2
const bytesMax = 4096

/** What it says. */
export interface Marker {
  readonly clusterId: ClusterId
  readonly nodeId: NodeId
  readonly directoryId: DirectoryId
  /** `failed`: a write or sync failed, so in that boot the page cache may show what is on no disk. */
  readonly state:
    { readonly type: 'stopped' } | { readonly type: 'running' | 'failed'; readonly bootId: string }
}

/** Reads the marker; rejects with a sentence for people when there is none or it cannot be used. */
export async function readMarker(files: FileStore, directory: string): Promise<Marker> {
  const path = `${directory}/${markerName}`
  if (!(await files.exists(path)))
    throw new StorageFault('not-found', `${directory} is not formatted`)
  const file = await files.open(path, { mode: 'read' })
  const bytes = await file.read(0, bytesMax)
  await file.close()
  return parseMarker(bytes, path)
}

/** Replaces the marker; durable when it resolves. */
export async function writeMarker(
  files: FileStore,
  directory: string,
  marker: Marker,
): Promise<void> {
  const path = `${directory}/${markerName}`
  const aside = `${path}.next`
  await files.remove(aside)
  const file = await files.open(aside, { mode: 'create' })
  await closeOnFailure(file, async () => {
    await file.write(0, [printMarker(marker)])
    await file.sync()
  })
  await file.close()
  await files.rename(aside, path)
  await files.syncDirectory(directory)
}

function printMarker(marker: Marker): Uint8Array {
  const { state } = marker
  const lines = [
    `format=${directoryFormat}`,
    `cluster.id=${marker.clusterId}`,
    `node.id=${marker.nodeId}`,
    `directory.id=${marker.directoryId}`,
    `state=${state.type}`,
    ...(state.type === 'stopped' ? [] : [`boot.id=${state.bootId}`]),
  ]
  const text = `${lines.join('\n')}\n`
  return utf8(`${text}crc=${crc32c(utf8(text))}\n`)
}

function parseMarker(bytes: Uint8Array, path: string): Marker {
  const broken = (why: string): StorageFault => new StorageFault('corrupt', `${path}: ${why}`)
  const text = textIn(bytes) ?? ''
  const format = /^format=(\d+)$/m.exec(text)?.[1]
  if (format !== undefined && Number(format) !== directoryFormat)
    throw new StorageFault('denied', `${path} is of format ${format}, ${adviceFor(Number(format))}`)
  const match = /^([\s\S]*\n)crc=(\d+)\n$/.exec(text)
  const body = match?.[1] ?? ''
  if (match === null || Number(match[2]) !== crc32c(utf8(body))) throw broken('its CRC is wrong')
  const values = new Map<string, string>()
  for (const line of body.trimEnd().split('\n')) {
    const at = line.indexOf('=')
    values.set(line.slice(0, at), line.slice(at + 1))
  }
  const cluster = values.get('cluster.id') ?? ''
  const directory = values.get('directory.id') ?? ''
  const node = values.get('node.id') ?? ''
  if (!isUuid(cluster) || !isUuid(directory) || !/^\d{1,10}$/.test(node)) throw broken('no ids')
  const bootId = values.get('boot.id')
  const type = values.get('state') === 'failed' ? 'failed' : 'running'
  return {
    clusterId: clusterId(cluster),
    nodeId: nodeId(Number(node)),
    directoryId: directoryId(directory),
    state: bootId === undefined ? { type: 'stopped' } : { type, bootId },
  }
}

function adviceFor(format: number): string {
  const known = `this version reads format ${directoryFormat}`
  return format > directoryFormat
    ? `${known}: start it with the version that wrote it, or a later one`
    : `${known}: start it with the version that wrote it, or move the directory away and run` +
        ' `sluice format --ignore-formatted`: its replicas come back from the other nodes'
}

function textIn(bytes: Uint8Array): string | undefined {
  try {
    return textOf(bytes)
  } catch (cause) {
    if (cause instanceof MalformedBytesError) return undefined
    throw cause
  }
}
