/**
 * A load generator: the SDK in a process of its own. Takes a `LoadSpec` as JSON for its argument,
 * prints a `LoadResult` as JSON, and ends.
 */
import { Client } from '../../../src/app/sdk/index.ts'
import { connect } from './connect.ts'
import { consume } from './consume.ts'
import { endToEnd } from './end-to-end.ts'
import { produce } from './produce.ts'
import { rate } from './rate.ts'
import { type LoadResult, type LoadSpec } from './spec.ts'

async function run(client: Client, spec: LoadSpec): Promise<LoadResult> {
  const { work } = spec
  switch (work.type) {
    case 'produce':
      return produce(client, spec, work)
    case 'rate':
      return rate(client, spec, work)
    case 'consume':
      return consume(client, spec, work)
    case 'connect':
      return connect(spec, work)
    case 'end-to-end':
      return endToEnd(client, spec, work)
  }
}

const spec = JSON.parse(process.argv[2] ?? '') as LoadSpec
await using client = new Client({ bootstrap: spec.bootstrap, clientId: 'bench' })
process.stdout.write(`${JSON.stringify(await run(client, spec))}\n`)
