/** Hello, its answer, endpoints and errors: core/api ⇄ generated message types. */
import type { Endpoint } from '../../../core/api/endpoint.ts'
import type { ItemError } from '../../../core/api/cluster-admin.ts'
import { type ErrorCode, outcomeOf } from '../../../core/api/error-code.ts'
import type { BrokerHello, Hello, HelloAnswer } from '../../../core/api/hello.ts'
import { MalformedBytesError } from '../../../base/bytes.ts'
import { errorNumbers } from '../codec/refusal-codec.ts'
import {
  readBrokerEpoch,
  readClusterId,
  readDirectoryId,
  readIncarnationId,
  readNodeId,
} from '../codec/named.ts'
import type { BrokerHello__Output } from '../gen/sluice/v1/BrokerHello.ts'
import type { Endpoint as WireEndpoint, Endpoint__Output } from '../gen/sluice/v1/Endpoint.ts'
import type { Hello as WireHello, Hello__Output } from '../gen/sluice/v1/Hello.ts'
import type {
  HelloAnswer as WireHelloAnswer,
  HelloAnswer__Output,
} from '../gen/sluice/v1/HelloAnswer.ts'
import type { Refusal as WireRefusal, Refusal__Output } from '../gen/sluice/v1/Refusal.ts'

/** A Hello as its message. */
export function helloOut(hello: Hello): WireHello {
  const { clusterId, protocolMin, protocolMax, clientId, features, broker } = hello
  return {
    ...(clusterId !== undefined && { clusterId }),
    protocolMin,
    protocolMax,
    clientId,
    features: [...features],
    ...(broker && { broker: { ...broker, directoryIds: [...broker.directoryIds] } }),
  }
}

/** A Hello read. */
export function helloIn(message: Hello__Output): Hello {
  const { clusterId, protocolMin, protocolMax, clientId, features, broker } = message
  return {
    ...(clusterId !== undefined && { clusterId: readClusterId(clusterId) }),
    protocolMin,
    protocolMax,
    clientId,
    features,
    ...(broker && { broker: brokerHelloIn(broker) }),
  }
}

/** The answer to a Hello as its message. */
export function helloAnswerOut(answer: HelloAnswer): WireHelloAnswer {
  return { ...answer, features: [...answer.features] }
}

/** The answer to a Hello read. */
export function helloAnswerIn(message: HelloAnswer__Output): HelloAnswer {
  const { clusterId, nodeId, protocol, features } = message
  return { clusterId: readClusterId(clusterId), nodeId: readNodeId(nodeId), protocol, features }
}

/** An endpoint as its message. */
export function endpointOut(endpoint: Endpoint): WireEndpoint {
  return { listener: endpoint.listener, host: endpoint.host, port: endpoint.port }
}

/** An endpoint read. */
export function endpointIn(message: Endpoint__Output): Endpoint {
  return { listener: message.listener, host: message.host, port: message.port }
}

/** The error of an item as the field of its message; nothing without one. */
export function errorOut(error: ItemError | undefined): { readonly error?: WireRefusal } {
  if (error === undefined) return {}
  const outcome = outcomeOf(error.code) === 'refused' ? 'OUTCOME_REFUSED' : 'OUTCOME_UNKNOWN'
  return { error: { code: error.code, outcome, message: error.message } }
}

/** The error of an item read. */
export function errorIn(message: Refusal__Output | null): { readonly error?: ItemError } {
  if (message === null) return {}
  return { error: { code: codeIn(message.code), message: message.message } }
}

/** A code read; the number of a newer build, or none, is UNKNOWN_SERVER_ERROR. */
export function codeIn(code: Refusal__Output['code']): ErrorCode {
  return code !== 'NO_ERROR' && code in errorNumbers ? code : 'UNKNOWN_SERVER_ERROR'
}

/** A part that every sender sets. */
export function required<T>(part: T | null, what: string): T {
  if (part === null) throw new MalformedBytesError(`${what} is missing`)
  return part
}

function brokerHelloIn(message: BrokerHello__Output): BrokerHello {
  const { brokerId, brokerEpoch, incarnationId, directoryIds } = message
  return {
    brokerId: readNodeId(brokerId),
    ...(brokerEpoch !== undefined && { brokerEpoch: readBrokerEpoch(brokerEpoch) }),
    incarnationId: readIncarnationId(incarnationId),
    directoryIds: directoryIds.map(readDirectoryId),
  }
}
