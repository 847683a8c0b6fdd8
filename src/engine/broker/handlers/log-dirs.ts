/** Log directories as this broker has them, and moves between them. */
import { type ItemError } from '../../../core/api/cluster-admin.ts'
import { type Outcome } from '../../../core/api/error-code.ts'
import {
  type AlterReplicaLogDirsRequest,
  type AlterReplicaLogDirsResponse,
  type DescribedLog,
  type DescribedLogDir,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
} from '../../../core/api/log-directories.ts'
import { type LogDirectory } from '../../storage/log-directory.ts'
import { StorageFault } from '../../ports/fault.ts'
import { type BrokerParts } from '../broker-parts.ts'

/** Every directory with the logs in it. */
export async function describeLogDirs(
  parts: BrokerParts,
  { topics }: DescribeLogDirsRequest,
): Promise<Outcome<DescribeLogDirsResponse>> {
  const { directories } = parts
  const wanted = topics === undefined ? undefined : new Set(topics)
  const described: DescribedLogDir[] = []
  for (const directory of directories.all())
    described.push(await describe(parts, directory, wanted))
  const unopened = directories.unopened.map(({ path }) => ({
    path,
    state: 'offline' as const,
    logs: [],
  }))
  return { ok: true, value: { directories: [...described, ...unopened] } }
}

async function describe(
  parts: BrokerParts,
  directory: LogDirectory,
  wanted: ReadonlySet<string> | undefined,
): Promise<DescribedLogDir> {
  const { directoryId, path } = directory
  const logs: DescribedLog[] = []
  for (const copy of directory.copies()) {
    const { topicId, partition, role, end } = copy.state
    const topic = parts.metadata.current().topics.get(topicId)?.name
    if (topic === undefined || wanted?.has(topic) === false) continue
    const isFuture = role === 'future'
    const hosted = parts.replicas.find({ topicId, partition })
    const due = isFuture ? hosted?.log.endOffset() : hosted?.state.highWatermark()
    const bytes = await orNone(async () => directory.bytesOf(copy))
    const offsetLag = Math.max(0, (due ?? end) - end)
    logs.push({ topic, partition, bytes: bytes ?? 0, endOffset: end, offsetLag, isFuture })
  }
  const disk = await orNone(async () => directory.space())
  return { path, directoryId, state: directory.state(), ...(disk && { disk }), logs }
}

/** A disk that does not answer has nothing to say; its directory is described all the same. */
async function orNone<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (cause) {
    if (!(cause instanceof StorageFault)) throw cause
    return undefined
  }
}

/** Takes moves on; they are made in the background. */
export function alterReplicaLogDirs(
  parts: BrokerParts,
  { moves }: AlterReplicaLogDirsRequest,
): Outcome<AlterReplicaLogDirsResponse> {
  const answers = moves.map((move) => {
    const error = takeOn(parts, move)
    const { topic, partition } = move
    return { topic, partition, ...(error !== undefined && { error }) }
  })
  return { ok: true, value: { moves: answers } }
}

function takeOn(
  parts: BrokerParts,
  { topic, partition, path }: AlterReplicaLogDirsRequest['moves'][number],
): ItemError | undefined {
  const { directories, replicas, identity, metadata } = parts
  const topicId = metadata.current().topicIds.get(topic)
  const hosted = topicId === undefined ? undefined : replicas.find({ topicId, partition })
  const name = `${topic}-${partition}`
  if (hosted === undefined) {
    const message = `broker ${identity.nodeId} has no replica of ${name}`
    return { code: 'UNKNOWN_TOPIC_OR_PARTITION', message }
  }
  const to = directories.all().find((directory) => directory.path === path)
  if (to === undefined) {
    const known = directories.all().map((directory) => directory.path)
    const message = `${path} is not an open log directory of broker ${identity.nodeId}: it has ${known.join(', ')}`
    return { code: 'INVALID_REQUEST', message }
  }
  if (to.state() !== 'online' || !hosted.isWritable()) {
    const where = to.state() === 'online' ? hosted.log.home() : to
    return { code: 'KAFKA_STORAGE_ERROR', message: `${where.path} is ${where.state()}` }
  }
  parts.moves.request(hosted, to.directoryId)
  return undefined
}
