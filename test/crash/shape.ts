/** What one campaign of crashes is like: its settings, logs and kind of directory, drawn from its seed. */
import { clusterId, nodeId } from '../../src/base/id.ts'
import { type Random, seededRandom } from '../../src/base/random.ts'
import { levelStores } from '../../src/edge/leveldb/level-stores.ts'
import { systemClock } from '../../src/edge/system/system-clock.ts'
import { systemEntropy } from '../../src/edge/system/system-entropy.ts'
import { systemFileStore } from '../../src/edge/system/system-file-store.ts'
import { type OpenLogDirectory } from '../../src/engine/storage/directory-options.ts'
import { LogDirectory } from '../../src/engine/storage/log-directory.ts'
import { type FlushMode } from '../../src/engine/storage/partition-log.ts'
import { type StorageSettings } from '../../src/engine/storage/storage-settings.ts'
import { drawSettings } from '../../src/sim/storage/storage-world.ts'

const kib = 1024

/** A campaign. */
export interface Shape {
  /** One log, and the mark follows each group. */
  readonly isMetadata: boolean
  readonly settings: StorageSettings
  readonly flushes: readonly FlushMode[]
  readonly segmentBytes: number
}

/** The shape of a seed; every fifth is a directory of metadata. */
export function shapeOf(seed: string): Shape {
  const random = seededRandom(seed).fork('shape')
  const isMetadata = random.chance(0.2)
  const count = isMetadata ? 1 : 2 + random.below(4)
  return {
    isMetadata,
    settings: drawSettings(random.fork('settings')),
    flushes: Array.from({ length: count }, () => flushOf(isMetadata, random)),
    segmentBytes: random.chance(0.5) ? 16 * kib : 64 * kib,
  }
}

function flushOf(isMetadata: boolean, random: Random): FlushMode {
  return !isMetadata && random.chance(0.3) ? 'interval' : 'ack'
}

const owner = { clusterId: clusterId('C'.repeat(22)), nodeId: nodeId(1) }

/** Makes the directory, outside of any crash. */
export async function formatDirectory(path: string): Promise<void> {
  const ports = { files: systemFileStore(), stores: levelStores(), entropy: systemEntropy() }
  await LogDirectory.format({ ...ports, ...owner, path })
}

/** How the directory is opened, on this host's files. */
export function openOptions(
  path: string,
  { settings, isMetadata }: Shape,
  bootId: string,
): OpenLogDirectory {
  return {
    ports: {
      clock: systemClock(),
      entropy: systemEntropy(),
      files: { ...systemFileStore(), bootId: async () => Promise.resolve(bootId) },
      stores: levelStores(),
      telemetry: {
        log: (level, event, fields) => {
          if (level === 'error') process.stderr.write(`${event} ${textOf(fields)}\n`)
        },
      },
    },
    ...owner,
    path,
    settings,
    markEachGroup: isMetadata,
  }
}

function textOf(fields: unknown): string {
  return JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Error ? (value.stack ?? value.message) : value,
  )
}
