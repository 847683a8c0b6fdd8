/**
 * Writes the first batch of a metadata log: the voters control record that names the initial quorum
 * with node ids, directory ids and endpoints. Every initial voter writes the same bytes.
 */
import { epoch, offset } from '../../base/id.ts'
import { encodeBatch } from '../../core/record/batch-writer.ts'
import { encodeControlRecord, type VoterAddress } from '../../core/record/control-record.ts'
import { assert } from '../../base/assert.ts'
import { type PartitionLog } from '../storage/partition-log.ts'

/** Appends the initial voters to an empty metadata log; durable when it resolves. */
export async function formatMetadataLog(
  log: PartitionLog,
  voters: readonly VoterAddress[],
): Promise<void> {
  assert(voters.length > 0, 'a quorum has at least one voter')
  assert(log.endOffset() === 0, 'only an empty metadata log is formatted')
  const ordered = [...voters].sort((left, right) => left.nodeId - right.nodeId)
  // No clock: all voters write the same bytes, so that their logs agree from the first offset on.
  const record = encodeControlRecord({ type: 'voters', voters: ordered }, 0)
  await log.append(
    encodeBatch({
      records: [record],
      baseOffset: offset(0),
      leaderEpoch: epoch(0),
      isControl: true,
    }),
  )
}
