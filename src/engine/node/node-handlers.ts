/**
 * Which requests a node takes on which listener, and who answers them. A part that is not open yet,
 * or not any more, answers NOT_READY.
 */
import { type ApiName, type Apis } from '../../core/api/apis.ts'
import { refuse, type Outcome } from '../../core/api/error-code.ts'
import { type RequestContext } from '../../core/api/request-context.ts'
import { type ControllerApi } from '../../core/controller/controller.ts'
import { type Broker, type BrokerApi } from '../broker/broker.ts'
import { type ControllerRuntime } from '../controller/controller-runtime.ts'
import { type RequestHandler } from '../ports/request-handler.ts'
import { type Quorum, type QuorumApi } from '../quorum/raft-driver.ts'

/** The parts that answer, as far as they are open. */
export interface AnsweringParts {
  readonly quorum: () => Quorum | undefined
  readonly controller: () => ControllerRuntime | undefined
  readonly broker: () => Broker | undefined
}

/** A handler and the operations it takes. */
export interface ListenerService {
  readonly apis: readonly ApiName[]
  readonly handler: RequestHandler
}

type Handlers = {
  readonly [A in ApiName]?: (
    request: Apis[A]['request'],
    context: RequestContext,
  ) => Promise<Outcome<Apis[A]['response']>>
}

/** For controller listeners: the quorum's messages, brokers' messages, admin operations. */
export function controllerService(parts: AnsweringParts): ListenerService {
  const quorum = <A extends QuorumApi>(api: A) => answering(api, parts.quorum)
  const controller = <A extends ControllerApi>(api: A) => answering(api, parts.controller)
  return serviceOf({
    vote: quorum('vote'),
    'begin-quorum-epoch': quorum('begin-quorum-epoch'),
    'end-quorum-epoch': quorum('end-quorum-epoch'),
    'quorum-fetch': quorum('quorum-fetch'),
    'describe-quorum': quorum('describe-quorum'),
    'register-broker': controller('register-broker'),
    'broker-heartbeat': controller('broker-heartbeat'),
    'alter-partition': controller('alter-partition'),
    'create-topics': controller('create-topics'),
    'delete-topics': controller('delete-topics'),
    'create-partitions': controller('create-partitions'),
    'alter-configs': controller('alter-configs'),
    'elect-leaders': controller('elect-leaders'),
    'allocate-producer-ids': controller('allocate-producer-ids'),
  })
}

/** For all other listeners: clients and followers. */
export function brokerService(parts: AnsweringParts): ListenerService {
  const broker = <A extends BrokerApi>(api: A) => answering(api, parts.broker)
  return serviceOf({
    produce: broker('produce'),
    fetch: broker('fetch'),
    'list-offsets': broker('list-offsets'),
    'delete-records': broker('delete-records'),
    'replica-fetch': broker('replica-fetch'),
    metadata: broker('metadata'),
    'describe-configs': broker('describe-configs'),
    'describe-log-dirs': broker('describe-log-dirs'),
    'alter-replica-log-dirs': broker('alter-replica-log-dirs'),
    'create-topics': broker('create-topics'),
    'delete-topics': broker('delete-topics'),
    'create-partitions': broker('create-partitions'),
    'alter-configs': broker('alter-configs'),
    'elect-leaders': broker('elect-leaders'),
    'init-producer-id': broker('init-producer-id'),
    'describe-quorum': broker('describe-quorum'),
  })
}

interface Answering<A extends ApiName> {
  readonly handle: (
    api: A,
    request: Apis[A]['request'],
    context: RequestContext,
  ) => Promise<Outcome<Apis[A]['response']>>
}

function answering<A extends ApiName>(
  api: A,
  part: () => Answering<A> | undefined,
): (request: Apis[A]['request'], context: RequestContext) => Promise<Outcome<Apis[A]['response']>> {
  return async (request, context) =>
    part()?.handle(api, request, context) ??
    refuse('NOT_READY', 'this node is starting or stopping')
}

function serviceOf(handlers: Handlers): ListenerService {
  return {
    apis: Object.keys(handlers) as readonly ApiName[],
    handler: {
      handle: async <A extends ApiName>(
        api: A,
        request: Apis[A]['request'],
        context: RequestContext,
      ): Promise<Outcome<Apis[A]['response']>> => {
        const handle: Handlers[A] = handlers[api]
        if (handle === undefined) return refuse('INVALID_REQUEST', `${api} is not served here`)
        return handle(request, context)
      },
    },
  }
}
