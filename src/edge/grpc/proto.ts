/**
 * The .proto files, loaded by proto-loader when a service is first used: the CLI needs one of them, a
 * node all. The files lie in `proto/` at the top of the package, above `src/` as above `dist/`.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader'
import { present } from '../../base/assert.ts'

/** Options of the loader; the generated types in `gen/` are made with the same ones. */
const loadOptions: Options = { longs: Number, enums: String, defaults: true, oneofs: true }

/** A file of ours that defines a service. */
export type ServiceFile = 'log' | 'replication' | 'cluster' | 'quorum' | 'controller'

/** Every file of ours that defines a service. */
export const serviceFiles: readonly ServiceFile[] = [
  'log',
  'replication',
  'cluster',
  'quorum',
  'controller',
]

/** Serializer and deserializer of one message type. */
export interface MessageCodec<In, Out> {
  readonly serialize: (message: In) => Buffer
  readonly deserialize: (bytes: Buffer) => Out
}

const loaded = new Map<string, PackageDefinition>()
let folder: string | undefined

/** The folder `proto/` of the package. */
function protoFolder(): string {
  folder ??= findFolder()
  return folder
}

/** What a file under `proto/` defines, loaded once. */
export function definitionsOf(path: string): PackageDefinition {
  let definitions = loaded.get(path)
  if (definitions === undefined) {
    definitions = loadWith([path], loadOptions)
    loaded.set(path, definitions)
  }
  return definitions
}

/** Files under `proto/` loaded together, with other options than ours, at each call. */
export function loadWith(paths: readonly string[], options: Options): PackageDefinition {
  return loadSync([...paths], { ...options, includeDirs: [protoFolder()] })
}

/** The path of a service's file under `proto/`. */
export function pathOf(file: ServiceFile): string {
  return `sluice/v1/${file}.proto`
}

/** The codec of a message of `sluice.v1`; the caller names the generated types that belong to it. */
export function messageCodec<In extends object, Out>(
  file: ServiceFile,
  name: string,
): MessageCodec<In, Out> {
  return codecOf<In, Out>(pathOf(file), `sluice.v1.${name}`)
}

/** The codec of a message by its file and full name. */
export function codecOf<In extends object, Out>(
  path: string,
  fullName: string,
): MessageCodec<In, Out> {
  return codecIn<In, Out>(definitionsOf(path), fullName)
}

/** The codec of a message by its full name, of files loaded before. */
export function codecIn<In extends object, Out>(
  definitions: PackageDefinition,
  fullName: string,
): MessageCodec<In, Out> {
  const definition = present(definitions[fullName], fullName)
  // The loader types every message as object; the generated types say what it is.
  return definition as unknown as MessageCodec<In, Out>
}

function findFolder(): string {
  let at = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(at, 'proto', 'sluice', 'v1', 'log.proto'))) {
    const above = dirname(at)
    if (above === at) throw new Error('The package lacks its folder proto; install it again.')
    at = above
  }
  return join(at, 'proto')
}
