/** The standard reflection service, under both of its names: grpcurl, `buf curl` and others read our files from the server. */
import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js'
import { type DescribedFile, describedFiles } from './descriptors.ts'
import type { Drainable } from './health.ts'
import type { ServerReflectionRequest__Output } from './gen/grpc/reflection/v1/ServerReflectionRequest.ts'
import type { ServerReflectionResponse } from './gen/grpc/reflection/v1/ServerReflectionResponse.ts'
import { codecOf } from './proto.ts'

/** Full names of the service. */
export const reflectionServices = [
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
] as const

const path = 'grpc/reflection/v1/reflection.proto'

type Question = ServerReflectionRequest__Output
type Call = ServerDuplexStream<Question, ServerReflectionResponse>

/** Adds the service to a server. Nothing is loaded before the first question. */
export function registerReflection(
  server: Server,
  options: { readonly services: ReadonlySet<string>; readonly streams: Set<Drainable> },
): void {
  let files: readonly DescribedFile[] | undefined
  const handler = (call: Call): void => {
    const stream = {
      drain: (): void => {
        options.streams.delete(stream)
        call.end()
      },
    }
    options.streams.add(stream)
    call.on('data', (question: Question) => {
      files ??= describedFiles()
      call.write({
        validHost: question.host,
        originalRequest: question,
        ...answerTo(question, files, options.services),
      })
    })
    call.on('end', stream.drain)
    call.on('cancelled', () => {
      options.streams.delete(stream)
    })
    call.on('error', () => undefined)
  }
  for (const service of reflectionServices) {
    server.register(`/${service}/ServerReflectionInfo`, handler, serialize, deserialize, 'bidi')
  }
}

function answerTo(
  question: Question,
  files: readonly DescribedFile[],
  services: ReadonlySet<string>,
): ServerReflectionResponse {
  switch (question.messageRequest) {
    case 'listServices':
      return { listServicesResponse: { service: [...services].map((name) => ({ name })) } }
    case 'fileByFilename':
      return fileAnswer(files.find(({ name }) => name === question.fileByFilename))
    case 'fileContainingSymbol':
      return fileAnswer(
        files.find(({ symbols }) => symbols.has(question.fileContainingSymbol ?? '')),
      )
    case 'allExtensionNumbersOfType':
      return {
        allExtensionNumbersResponse: { baseTypeName: question.allExtensionNumbersOfType ?? '' },
      }
    default:
      return fileAnswer(undefined)
  }
}

function fileAnswer(file: DescribedFile | undefined): ServerReflectionResponse {
  return file === undefined
    ? { errorResponse: { errorCode: status.NOT_FOUND, errorMessage: 'not found' } }
    : { fileDescriptorResponse: { fileDescriptorProto: [file.bytes] } }
}

function serialize(answer: ServerReflectionResponse): Buffer {
  const name = 'grpc.reflection.v1.ServerReflectionResponse'
  return codecOf<ServerReflectionResponse, unknown>(path, name).serialize(answer)
}

function deserialize(bytes: Buffer): Question {
  return codecOf<object, Question>(path, 'grpc.reflection.v1.ServerReflectionRequest').deserialize(
    bytes,
  )
}
