/**
 * The metadata image in a log directory, without its node: the directory is copied and the copy
 * opened and replayed, so that a running node is not disturbed and nothing of the original changes.
 * What stands in the log and is not committed yet is replayed as well.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { partitionIndex } from '../../base/id.ts'
import { settings, type Settings } from '../../core/config/settings.ts'
import { type MetadataImage } from '../../core/metadata/image/image.ts'
import { metadataTopicId } from '../../core/raft/metadata-topic.ts'
import { type Ports } from '../../engine/ports/ports.ts'
import { loadMetadata } from '../../engine/quorum/metadata-loader.ts'
import { MetadataPublisher } from '../../engine/quorum/metadata-publisher.ts'
import { LogDirectory } from '../../engine/storage/log-directory.ts'
import { readMarker } from '../../engine/storage/marker.ts'
import { type PartitionLog } from '../../engine/storage/partition-log.ts'
import { metadataStorageSettings } from '../../engine/storage/storage-settings.ts'
import { storagePorts } from '../server/storage-ports.ts'

const readBytesMax = 1_048_576

/** Replays the metadata log in a directory; rejects with a sentence when there is none. */
export async function readMetadataLog(path: string): Promise<MetadataImage> {
  const ports = storagePorts()
  await readMarker(ports.files, resolve(path))
  const copy = await mkdtemp(join(tmpdir(), 'sluice-metadata-'))
  try {
    // Without the lock of the process that holds the original.
    await cp(path, copy, { recursive: true, filter: (name) => basename(name) !== 'LOCK' })
    return await replay(copy, ports)
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function replay(
  path: string,
  ports: Pick<Ports, 'clock' | 'entropy' | 'files' | 'stores' | 'telemetry'>,
): Promise<MetadataImage> {
  const { clusterId, nodeId } = await readMarker(ports.files, path)
  const directory = await LogDirectory.open({
    ports,
    path,
    clusterId,
    nodeId,
    settings: metadataStorageSettings(defaults()),
  })
  try {
    const log = directory.find(metadataTopicId, partitionIndex(0))
    if (log === undefined)
      throw new Error(`${path} holds no metadata log: name the directory of metadata.log.dir`)
    return await replayLog(log)
  } finally {
    await directory.close()
  }
}

async function replayLog(log: PartitionLog): Promise<MetadataImage> {
  const publisher = new MetadataPublisher()
  const abort = new AbortController()
  const source = {
    nextCommitted: async (after: MetadataImage['offset']) => {
      if (after >= log.endOffset()) {
        abort.abort()
        return []
      }
      const { slices } = await log.read({ from: after, bytesMax: readBytesMax })
      return slices
    },
  }
  await loadMetadata(source, publisher, abort.signal)
  return publisher.current()
}

function defaults(): Settings {
  // Every key with its own default.
  return Object.fromEntries(
    Object.entries(settings).map(([key, declaration]) => [key, declaration.default]),
  ) as Settings
}
