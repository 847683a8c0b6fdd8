/**
 * The metadata image in a log directory, without its node: a copy of the directory is replayed.
 * What stands in the log and is not committed yet is replayed as well.
 */
import { partitionIndex } from '../../base/id.ts'
import { type MetadataImage } from '../../core/metadata/image/image.ts'
import { metadataTopicId } from '../../core/raft/metadata-topic.ts'
import { loadMetadata } from '../../engine/quorum/metadata-loader.ts'
import { MetadataPublisher } from '../../engine/quorum/metadata-publisher.ts'
import { type PartitionLog } from '../../engine/storage/partition-log.ts'
import { withDirectoryCopy } from './directory-copy.ts'

const readBytesMax = 1_048_576

/** Replays the metadata log in a directory; rejects with a sentence when there is none. */
export async function readMetadataLog(path: string): Promise<MetadataImage> {
  return withDirectoryCopy(path, { kind: 'metadata' }, async (directory) => {
    const log = directory.find(metadataTopicId, partitionIndex(0))
    if (log === undefined)
      throw new Error(`${path} holds no metadata log: name the directory of metadata.log.dir`)
    return replayLog(log)
  })
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
