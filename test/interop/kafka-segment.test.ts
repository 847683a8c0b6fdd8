/**
 * Logs dumped as segments of Kafka are read clean by Kafka's own DumpLogSegments. Runs where Kafka has
 * been fetched (`npm run bench -- --against kafka` does it) and is skipped by name elsewhere.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../bench/child.ts'
import { fetchedKafka } from '../bench/kafka/fetch.ts'
import { sluice } from '../processes/command.ts'
import { startTemporaryCluster } from '../processes/temporary-cluster.ts'

const kafka = fetchedKafka()
const lines = Array.from({ length: 2000 }, (_, index) => `k${index % 97}\tvalue ${index % 13}`)
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const topics = [
  ...codecs.map((codec) => ({ name: `sent-${codec}`, config: [], sent: codec, stored: codec })),
  ...codecs.map((codec) => ({
    name: `stored-${codec}`,
    config: ['--config', `compression.type=${codec}`],
    sent: codec === 'lz4' ? 'gzip' : 'lz4',
    stored: codec,
  })),
  {
    name: 'append-time',
    config: ['--config', 'message.timestamp.type=LogAppendTime'],
    sent: 'zstd',
    stored: 'zstd',
  },
]

test.skipIf(kafka === undefined)(
  'Kafka’s DumpLogSegments reads our logs, all codecs, sent and repacked (skipped without Kafka)',
  async () => {
    await using running = await startTemporaryCluster({ nodeCount: 1 })
    const target = await mkdtemp(join(tmpdir(), 'sluice-segments-'))
    const on = async (args: readonly string[], input = ''): Promise<void> => {
      const ended = await sluice([...args, '--bootstrap', running.bootstrap], { input })
      expect(ended).toMatchObject({ status: 0 })
    }
    try {
      const files: string[] = []
      for (const { name, config, sent } of topics) {
        await on(['topic', 'create', name, '--partitions', '1', ...config])
        const how = ['--compression', sent, '--key-separator', '\t', '--header', 'trace=abc']
        await on(['produce', name, ...how], lines.join('\n'))
        const folder = join(target, `${name}-0`)
        await mkdir(folder)
        const data = join(running.dir, 'node-1', 'data')
        await on(['log', 'dump', data, '--topic', name, '--kafka-segment', folder])
        files.push(join(folder, '00000000000000000000.log'))
      }
      const said = await dumpLogSegments(files)
      const sections = said.split('Dumping ').slice(1)
      expect(sections).toHaveLength(topics.length)
      for (const [index, { stored }] of topics.entries()) expectClean(sections[index] ?? '', stored)
    } finally {
      await rm(target, { recursive: true })
    }
  },
)

async function dumpLogSegments(files: readonly string[]): Promise<string> {
  const java = [`-Dlog4j2.configurationFile=${kafka?.clientLogging ?? ''}`]
  const tool = ['-cp', kafka?.classPath ?? '', 'org.apache.kafka.tools.DumpLogSegments']
  const how = ['--deep-iteration', '--print-data-log', '--files', files.join(',')]
  const what = 'Kafka’s DumpLogSegments'
  return (await run('java', [...java, ...tool, ...how], { limitSeconds: 100, what })).stdout
}

/** Every record is there, every batch is valid and of the codec. */
function expectClean(section: string, codec: string): void {
  const records = section.split('\n').filter((line) => line.startsWith('| offset: '))
  expect(records).toHaveLength(lines.length)
  const [last] = records.slice(-1)
  expect(last).toMatch(/offset: 1999 .*headerKeys: \[trace\] key: k59 payload: value 10$/)
  const batches = section.split('\n').filter((line) => line.startsWith('baseOffset: '))
  expect(batches.length).toBeGreaterThan(0)
  for (const batch of batches) {
    expect(batch).toMatch(/isvalid: true/)
    expect(batch).toContain(`compresscodec: ${codec} `)
  }
  expect(section).not.toMatch(/non-consecutive|mismatch|Found timestamp mismatch/i)
}
