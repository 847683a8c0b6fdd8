/** Health and reflection, asked by a plain grpc-js client that knows nothing of ours. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials, status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { type Listener } from '../../../../src/engine/ports/transport.ts'
import { codecIn, codecOf, loadWith } from '../../../../src/edge/grpc/proto.ts'
import { apiNames, mappings } from '../../../../src/edge/grpc/mapping/table.ts'
import { serve } from './fixture.ts'

const reflectionFile = 'grpc/reflection/v1/reflection.proto'
const healthFile = 'grpc/health/v1/health.proto'

interface Reflected {
  readonly messageResponse: string
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] }
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] }
  readonly errorResponse?: { readonly errorCode: number }
}

interface Field {
  readonly name: string
  readonly typeName?: string
  readonly proto3Optional?: boolean
}

interface Message {
  readonly name: string
  readonly field: readonly Field[]
  readonly nestedType: readonly Message[]
}

interface File {
  readonly package: string
  readonly messageType: readonly Message[]
  readonly enumType: readonly { readonly name: string }[]
  readonly service: readonly {
    readonly name: string
    readonly method: readonly { readonly name: string; readonly inputType: string }[]
  }[]
}

const versions = ['v1', 'v1alpha'] as const

test.each(versions)('reflection %s lists the services of the listener', async (version) => {
  const listener = await serve({}, { apis: ['produce', 'metadata'] })
  const answer = await reflect(listener, version, { listServices: '' })
  expect(answer.listServicesResponse?.service.map(({ name }) => name).sort()).toEqual([
    'grpc.health.v1.Health',
    'grpc.reflection.v1.ServerReflection',
    'grpc.reflection.v1alpha.ServerReflection',
    'sluice.v1.Cluster',
    'sluice.v1.Log',
  ])
  await listener.close({ graceMs: 0 })
})

test('reflection describes every method that is served, with absolute names that it defines itself', async () => {
  const listener = await serve({})
  for (const api of apiNames) {
    const { service, method } = mappings[api]
    const file = fileOf(
      await reflect(listener, 'v1', { fileContainingSymbol: `${service}.${method}` }),
    )
    const found = file.service.find(({ name }) => `${file.package}.${name}` === service)
    expect(found?.method.map(({ name }) => name)).toContain(method)
    expect(danglingNames(file)).toEqual([])
  }
  await listener.close({ graceMs: 0 })
})

test('reflection tells optional fields and maps as protoc does', async () => {
  const listener = await serve({})
  const file = fileOf(await reflect(listener, 'v1', { fileContainingSymbol: 'sluice.v1.NewTopic' }))
  const topic = file.messageType.find(({ name }) => name === 'NewTopic')
  expect(topic?.field.find(({ name }) => name === 'partition_count')?.proto3Optional).toBe(true)
  expect(topic?.field.find(({ name }) => name === 'configs')?.typeName).toBe(
    '.sluice.v1.NewTopic.ConfigsEntry',
  )
  expect(topic?.nestedType.map(({ name }) => name)).toEqual(['ConfigsEntry'])
  await listener.close({ graceMs: 0 })
})

test('reflection says of an unknown name that it is not found', async () => {
  const listener = await serve({})
  const answer = await reflect(listener, 'v1', { fileContainingSymbol: 'sluice.v1.Nothing' })
  expect(answer.errorResponse?.errorCode).toBe(status.NOT_FOUND)
  await listener.close({ graceMs: 0 })
})

test('health says SERVING of the node and of its services, and does not know others', async () => {
  const listener = await serve({}, { apis: ['produce'] })
  expect(await check(listener, '')).toBe('SERVING')
  expect(await check(listener, 'sluice.v1.Log')).toBe('SERVING')
  expect(await check(listener, 'sluice.v1.Quorum')).toBe(status.NOT_FOUND)
  await listener.close({ graceMs: 0 })
})

test('a health watch is told when the listener closes, and does not hold it up', async () => {
  const listener = await serve({})
  const client = clientOf(listener)
  const states: unknown[] = []
  const call = client.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    (value: object) =>
      codecOf<object, unknown>(healthFile, 'grpc.health.v1.HealthCheckRequest').serialize(value),
    (bytes: Buffer) =>
      codecOf<object, { status: string }>(
        healthFile,
        'grpc.health.v1.HealthCheckResponse',
      ).deserialize(bytes),
    {},
  )
  const first = new Promise((resolve) => {
    call.once('data', resolve)
  })
  call.on('data', ({ status: state }: { status: string }) => states.push(state))
  const ended = new Promise((resolve) => {
    call.on('end', resolve)
  })
  await first
  await listener.close({ graceMs: 10_000 })
  await ended
  expect(states).toEqual(['SERVING', 'NOT_SERVING'])
  client.close()
})

test('the generated types are those of the .proto files', () => {
  const root = new URL('../../../../', import.meta.url).pathname
  const out = mkdtempSync(join(tmpdir(), 'sluice-gen-'))
  execFileSync(join(root, 'scripts/generate-grpc-types'), [out])
  expect(contentsOf(out)).toEqual(contentsOf(join(root, 'src/edge/grpc/gen')))
  rmSync(out, { recursive: true })
})

test('every service, message, field, enum and value in the .proto files has a comment', () => {
  const folder = new URL('../../../../proto/sluice/v1', import.meta.url).pathname
  for (const name of readdirSync(folder)) {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n')
    const bare = lines.filter((line, index) => {
      const declares = /^\s*(service|message|enum|rpc)\s|^\s+[\w.<>, ]+ = \d+;/.test(line)
      return declares && !/^\s*\/\//.test(lines[index - 1] ?? '')
    })
    expect({ name, bare }).toEqual({ name, bare: [] })
  }
})

async function reflect(listener: Listener, version: string, question: object): Promise<Reflected> {
  const client = clientOf(listener)
  const request = codecOf<object, unknown>(
    reflectionFile,
    'grpc.reflection.v1.ServerReflectionRequest',
  )
  const response = codecOf<object, Reflected>(
    reflectionFile,
    'grpc.reflection.v1.ServerReflectionResponse',
  )
  const call = client.makeBidiStreamRequest(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    (value: object) => request.serialize(value),
    (bytes: Buffer) => response.deserialize(bytes),
  )
  const answer = new Promise<Reflected>((resolve, reject) => {
    call.on('data', resolve)
    call.on('error', reject)
  })
  call.write(question)
  call.end()
  try {
    return await answer
  } finally {
    client.close()
  }
}

async function check(listener: Listener, service: string): Promise<unknown> {
  const client = clientOf(listener)
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        (value: object) =>
          codecOf<object, unknown>(healthFile, 'grpc.health.v1.HealthCheckRequest').serialize(
            value,
          ),
        (bytes: Buffer) =>
          codecOf<object, { status: string }>(
            healthFile,
            'grpc.health.v1.HealthCheckResponse',
          ).deserialize(bytes),
        { service },
        (error, answer) => {
          resolve(error === null ? answer?.status : error.code)
        },
      )
    })
  } finally {
    client.close()
  }
}

function clientOf(listener: Listener): Client {
  const target = `127.0.0.1:${listener.endpoint.port}`
  return new Client(target, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
}

function fileOf(answer: Reflected): File {
  const [bytes] = answer.fileDescriptorResponse?.fileDescriptorProto ?? []
  const definitions = loadWith(['grpc/reflection/descriptors.proto'], {
    arrays: true,
    enums: String,
  })
  return codecIn<object, File>(definitions, 'google.protobuf.FileDescriptorProto').deserialize(
    bytes ?? Buffer.alloc(0),
  )
}

/** Names of types that fields and methods refer to and the file does not define. */
function danglingNames(file: File): readonly string[] {
  const defined = new Set<string>()
  const referred: string[] = []
  const visit = (scope: string, message: Message): void => {
    const fullName = `${scope}.${message.name}`
    defined.add(fullName)
    for (const nested of message.nestedType) visit(fullName, nested)
    for (const { typeName } of message.field) if (typeName !== undefined) referred.push(typeName)
  }
  for (const message of file.messageType) visit(`.${file.package}`, message)
  for (const { name } of file.enumType) defined.add(`.${file.package}.${name}`)
  for (const { method } of file.service)
    for (const { inputType } of method) referred.push(inputType)
  return referred.filter((name) => !defined.has(name))
}

function contentsOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}
