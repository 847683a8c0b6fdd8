/**
 * Our .proto files as descriptors, for reflection. proto-loader gives one descriptor a package, made
 * by protobufjs, which Go's and buf's readers refuse: type names are relative, the entries of maps are
 * named after their field, and optional fields look like fields of a oneof. This file mends the three.
 */
import type { MessageTypeDefinition } from '@grpc/proto-loader'
import { present } from '../../base/assert.ts'
import { codecIn, loadWith, pathOf, serviceFiles } from './proto.ts'

/** A file as reflection hands it out. */
export interface DescribedFile {
  readonly name: string
  /** Full names of everything that it defines. */
  readonly symbols: ReadonlySet<string>
  /** A serialized FileDescriptorProto. */
  readonly bytes: Buffer
}

interface Field {
  readonly name: string
  readonly label: string
  typeName?: string
  oneofIndex?: number
  proto3Optional?: boolean
}

interface Message {
  name: string
  readonly field: Field[]
  readonly nestedType: Message[]
  readonly enumType: { readonly name: string }[]
  readonly oneofDecl: { readonly name: string }[]
  readonly options?: { readonly mapEntry?: boolean } | null
}

interface File {
  readonly name: string
  readonly package: string
  readonly messageType: Message[]
  readonly enumType: { readonly name: string }[]
  readonly service: { readonly name: string; readonly method: { readonly name: string }[] }[]
}

/** The files that a server with all services has; made at each call. */
export function describedFiles(): readonly DescribedFile[] {
  const codec = codecIn<object, File>(
    loadWith(['grpc/reflection/descriptors.proto'], { longs: Number, enums: String, arrays: true }),
    'google.protobuf.FileDescriptorProto',
  )
  const read = (paths: readonly string[], message: string): File =>
    codec.deserialize(descriptorOf(paths, message))
  const reflection = read(
    ['grpc/reflection/v1/reflection.proto'],
    'grpc.reflection.v1.ErrorResponse',
  )
  const files = [
    read(serviceFiles.map(pathOf), 'sluice.v1.Hello'),
    read(['grpc/health/v1/health.proto'], 'grpc.health.v1.HealthCheckRequest'),
    reflection,
    olderNamed(reflection),
  ]
  return files.map((file) => {
    const symbols = symbolsOf(file)
    for (const message of file.messageType) mend(message, file.package, symbols)
    return { name: file.name, symbols: new Set(symbols.values()), bytes: codec.serialize(file) }
  })
}

/** The serialized descriptor of files of one package, which the loader puts beside each message of it. */
function descriptorOf(paths: readonly string[], message: string): Buffer {
  const definition = present(loadWith(paths, { keepCase: true })[message], message)
  // Its union of definitions does not say that a message has them.
  const { fileDescriptorProtos } = definition as unknown as MessageTypeDefinition<object, object>
  return present(fileDescriptorProtos[0], 'a descriptor')
}

/** Reflection v1alpha has the messages of v1 in a package of another name. */
function olderNamed(file: File): File {
  const text = JSON.stringify(file).replaceAll(/reflection([._])v1/g, 'reflection$1v1alpha')
  return JSON.parse(text) as File
}

/** Full names by the names that protobufjs refers to: only entries of maps differ. */
function symbolsOf(file: File): Map<string, string> {
  const symbols = new Map<string, string>()
  const add = (scope: string, message: Message): void => {
    const referred = `${scope}.${message.name}`
    if (message.options?.mapEntry === true) message.name += 'Entry'
    symbols.set(referred, `${scope}.${message.name}`)
    for (const nested of message.nestedType) add(referred, nested)
    for (const { name } of message.enumType)
      symbols.set(`${referred}.${name}`, `${referred}.${name}`)
  }
  const addName = (name: string): unknown => symbols.set(name, name)
  for (const message of file.messageType) add(file.package, message)
  for (const { name } of file.enumType) addName(`${file.package}.${name}`)
  for (const { name, method } of file.service) {
    addName(`${file.package}.${name}`)
    for (const each of method) addName(`${file.package}.${name}.${each.name}`)
  }
  return symbols
}

function mend(message: Message, scope: string, symbols: ReadonlyMap<string, string>): void {
  const fullName = `${scope}.${message.name}`
  for (const field of message.field) {
    if (field.typeName !== undefined) field.typeName = absolute(field.typeName, fullName, symbols)
    const oneof = message.oneofDecl[field.oneofIndex ?? -1]
    if (oneof?.name === `_${field.name}`) field.proto3Optional = true
  }
  for (const nested of message.nestedType) mend(nested, fullName, symbols)
}

/** `.package.Message.Name` of a relative name, looked for from the inside out as protoc does. */
function absolute(name: string, scope: string, symbols: ReadonlyMap<string, string>): string {
  if (name.startsWith('.')) return name
  const parts = scope.split('.')
  for (let depth = parts.length; depth > 0; depth--) {
    const found = symbols.get(`${parts.slice(0, depth).join('.')}.${name}`)
    if (found !== undefined) return `.${found}`
  }
  return `.${name}`
}
