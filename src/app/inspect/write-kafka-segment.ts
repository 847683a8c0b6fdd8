/**
 * One log as a segment of Apache Kafka. Our batches are Kafka's own format, so that the file is the
 * batches of the log one after the other, as they are; Kafka's tools and clients read it.
 */
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isUuid, type Offset } from '../../base/id.ts'
import { forEachBatch, verifyBatch } from '../../core/record/batch-header.ts'
import { segmentFileName } from '../../engine/storage/segment-files.ts'
import { type PartitionLog } from '../../engine/storage/partition-log.ts'
import { withDirectoryCopy } from './directory-copy.ts'
import { dumpLogDirectory } from './dump-log-directory.ts'
import { readMetadataLog } from './read-metadata-log.ts'

/** Which log, and where to. */
export interface WriteKafkaSegment {
  /** A log directory. */
  readonly path: string
  /** A file to be made, or a folder, which then gets one named as Kafka expects it. */
  readonly target: string
  /** A topic's name or id; may be left out where there is only one log. */
  readonly topic?: string
  readonly partition: number
}

/** What was written. */
export interface WrittenSegment {
  readonly file: string
  readonly startOffset: Offset
  readonly endOffset: Offset
  readonly batches: number
  readonly bytes: number
}

const readBytesMax = 4_194_304

/** Writes the log; rejects with a sentence when it cannot, and then the target is as it was. */
export async function writeKafkaSegment(options: WriteKafkaSegment): Promise<WrittenSegment> {
  const { topicId, partition, others } = await findLog(options)
  return withDirectoryCopy(
    options.path,
    { kind: 'data', without: (name) => others.has(name) },
    async (directory) => {
      const log = directory
        .logs()
        .find((one) => one.topicId === topicId && one.partition === partition)
      if (log === undefined) throw new Error(`${options.path}: the log was dropped meanwhile`)
      return write(log, options.target)
    },
  )
}

/** The log's name, and the segment files that belong to others. */
async function findLog({ path, topic, partition }: WriteKafkaSegment): Promise<{
  readonly topicId: string
  readonly partition: number
  readonly others: ReadonlySet<string>
}> {
  const rows = await dumpLogDirectory(path)
  const logs = rows.filter(({ row }) => row === 'log')
  if (topic === undefined && logs.length > 1)
    throw new Error(`${path} holds ${logs.length} logs: say which with --topic and --partition`)
  const topicId = topic === undefined ? logs[0]?.['topicId'] : await topicIdOf(path, topic)
  const found = logs.find(
    (log) => log['topicId'] === topicId && (topic === undefined || log['partition'] === partition),
  )
  if (found === undefined) {
    const wanted = topic === undefined ? 'a log' : `${topic}-${partition}`
    throw new Error(`${path} does not hold ${wanted}: see sluice log dump ${path}`)
  }
  const others = rows
    .filter(({ row, logId }) => row === 'segment' && logId !== found['logId'])
    .map(({ fileId }) => segmentFileName(Number(fileId)))
  return {
    topicId: String(found['topicId']),
    partition: Number(found['partition']),
    others: new Set(others),
  }
}

/** The id of a topic named by id, or by its name in the metadata log beside the directory. */
async function topicIdOf(path: string, topic: string): Promise<string> {
  const parent = dirname(resolve(path))
  if ((await readdir(parent)).includes('metadata')) {
    const { topics } = await readMetadataLog(join(parent, 'metadata'))
    for (const known of topics.values()) if (known.name === topic) return known.id
  }
  if (isUuid(topic)) return topic
  throw new Error(`No topic '${topic}' in ${join(parent, 'metadata')}: name it by its id`)
}

async function write(log: PartitionLog, target: string): Promise<WrittenSegment> {
  const damagedFrom = log.damagedFrom()
  if (damagedFrom !== undefined)
    throw new Error(`The log is damaged from offset ${damagedFrom} on: nothing was written`)
  const startOffset = log.startOffset()
  const isFolder = await stat(target).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const name = `${String(startOffset).padStart(20, '0')}.log`
  const file = isFolder ? join(target, name) : target
  const output = await open(file, 'wx').catch((cause: unknown) => {
    throw new Error(`${file} cannot be made: ${String(cause)}; name another file`, { cause })
  })
  try {
    return { file, startOffset, ...(await copyBatches(log, output)) }
  } catch (cause) {
    await rm(file, { force: true })
    throw cause
  } finally {
    await output.close()
  }
}

async function copyBatches(
  log: PartitionLog,
  output: FileHandle,
): Promise<Omit<WrittenSegment, 'file' | 'startOffset'>> {
  let from = log.startOffset()
  let batches = 0
  let bytes = 0
  while (from < log.endOffset()) {
    const { slices, nextOffset } = await log.read({ from, bytesMax: readBytesMax })
    for (const slice of slices) {
      forEachBatch(slice, (at) => {
        const wrong = verifyBatch(slice, at)
        if (wrong !== undefined) throw new Error(`A batch after offset ${from} has a ${wrong}`)
        batches += 1
      })
      await output.write(slice)
      bytes += slice.length
    }
    from = nextOffset
  }
  return { endOffset: from, batches, bytes }
}
