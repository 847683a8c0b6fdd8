/** What a mapping of one operation is, and how one is made from the generated types. */
import type { ApiName, Apis } from '../../../core/api/apis.ts'
import { messageCodec, type ServiceFile } from '../proto.ts'
import type { WireMessage } from '../codec/wire-bytes.ts'

/** Request and response of an operation as bytes; readers throw `MalformedBytesError`. */
export interface Mapping<A extends ApiName> {
  readonly file: ServiceFile
  /** Full name of the service. */
  readonly service: string
  /** Name of the method in its service. */
  readonly method: string
  /** Whether requests share one stream, or are calls of their own. */
  readonly kind: 'stream' | 'unary'
  readonly requestMessage: (request: Apis[A]['request']) => WireMessage
  readonly readRequest: (bytes: Buffer) => Apis[A]['request']
  readonly responseMessage: (response: Apis[A]['response']) => WireMessage
  readonly readResponse: (bytes: Buffer) => Apis[A]['response']
}

/** How an operation translates to and from its generated types. */
interface Translation<A extends ApiName, Q extends object, QOut, R extends object, ROut> {
  readonly requestOut: (request: Apis[A]['request']) => Q
  readonly requestIn: (message: QOut) => Apis[A]['request']
  readonly responseOut: (response: Apis[A]['response']) => R
  readonly responseIn: (message: ROut) => Apis[A]['response']
}

/** Where an operation is found. */
export type Place = Pick<Mapping<ApiName>, 'file' | 'service' | 'method' | 'kind'>

/** A mapping through proto-loader's codecs of the messages `<name>Request` and `<name>Response`, loaded when first used. */
export function mapThroughProto<A extends ApiName, Q extends object, QOut, R extends object, ROut>(
  place: Place,
  name: string,
  translation: Translation<A, Q, QOut, R, ROut>,
): Mapping<A> {
  const request = once(() => messageCodec<Q, QOut>(place.file, `${name}Request`))
  const response = once(() => messageCodec<R, ROut>(place.file, `${name}Response`))
  return {
    ...place,
    requestMessage: (value) => request().serialize(translation.requestOut(value)),
    readRequest: (bytes) => translation.requestIn(request().deserialize(bytes)),
    responseMessage: (value) => response().serialize(translation.responseOut(value)),
    readResponse: (bytes) => translation.responseIn(response().deserialize(bytes)),
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
