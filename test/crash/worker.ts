/**
 * One life of a storage process, until somebody ends it: opens the directory, tells what is in it,
 * and on `go` lets one user a log work on it (`src/sim/storage/storage-actor.ts`, as in the simulator),
 * on real files and a real LevelDB. Standard input brings its orders, descriptor 3 takes its reports.
 */
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/base/random.ts'
import { LogDirectory } from '../../src/engine/storage/log-directory.ts'
import { foundIn } from '../../src/sim/storage/log-model.ts'
import { StorageActor } from '../../src/sim/storage/storage-actor.ts'
import { partition, topicOf } from '../../src/sim/storage/storage-world.ts'
import { type Begin, say } from './protocol.ts'
import { openOptions, shapeOf } from './shape.ts'
import { ToldModel } from './told-model.ts'

/** More than one cycle can use. */
const epochsPerCycle = 1000

const pipe = 3

const orders = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
await work(JSON.parse(await order()) as Begin)
process.exit(0)

async function order(): Promise<string> {
  const { value, done } = await orders.next()
  // Nobody is there any more.
  if (done === true) process.exit(0)
  return value
}

async function work({ path, seed, cycle, bootId, flushes }: Begin): Promise<void> {
  const shape = shapeOf(seed)
  const directory = await LogDirectory.open(openOptions(path, shape, bootId))
  const models = flushes.map(
    (flush, log) =>
      new ToldModel(log, flush, (event) => {
        say(pipe, { type: 'event', log, event })
      }),
  )
  await tell(directory, models)
  await order()
  await directory.reportIsTaken()
  const random = seededRandom(`${seed} work ${cycle}`)
  const actors = models.map((model) => actorOf(directory, model, random.fork(String(model.index))))
  const working = Promise.all(actors.map(async (actor) => actor.run()))
  await order()
  for (const actor of actors) actor.isStopped = true
  await working
  await directory.close()
  say(pipe, { type: 'closed' })

  function actorOf(
    of: LogDirectory,
    model: ToldModel,
    draws: ReturnType<typeof seededRandom>,
  ): StorageActor {
    // What an earlier worker left unanswered, this one does not know.
    model.epoch = cycle * epochsPerCycle
    model.isModeKnown = false
    return new StorageActor({
      pass: async (ms) => sleep(ms / 4),
      directory: of,
      model,
      random: draws,
      segmentBytes: shape.segmentBytes,
      isMetadata: shape.isMetadata,
      count: (what) => {
        say(pipe, { type: 'did', what })
      },
      violated: (message) => {
        say(pipe, { type: 'violated', message })
      },
    })
  }
}

/** Tells what is in the directory, and takes it as the truth. */
async function tell(directory: LogDirectory, models: readonly ToldModel[]): Promise<void> {
  const logs = models.map(({ index }) => directory.find(topicOf(index), partition))
  const found = await Promise.all(
    logs.map(async (log) => (log === undefined ? undefined : foundIn(log))),
  )
  say(pipe, {
    type: 'opened',
    report: directory.report,
    markedEnd: logs[0]?.markedEnd(),
    logs: found,
    lastEpochs: logs.map((log) => log?.lastEpoch()),
  })
  for (const model of models) model.adopt(found[model.index])
}
