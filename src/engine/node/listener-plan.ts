/**
 * Which listeners a node opens and what it tells others about them, from its settings. Pure; what is
 * wrong with the settings is thrown as `StartFailure` with the sentence for the operator.
 */
import { type Endpoint } from '../../core/api/endpoint.ts'
import { type Settings } from '../../core/config/settings.ts'
import { StartFailure } from './start-failure.ts'

/** What a process does. */
export type Role = 'broker' | 'controller'

/** A listener to open. */
export interface PlannedListener {
  /** Where to listen; port 0 takes a free one. */
  readonly endpoint: Endpoint
  /** What others are told; the bound host and port where absent, the bound port where 0. */
  readonly advertised?: Endpoint
  readonly role: Role
}

const pattern = /^([A-Za-z][A-Za-z0-9_-]*):\/\/(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/
const wildcards: readonly string[] = ['', '0.0.0.0', '::']

/** The roles of a node. */
export function rolesOf(settings: Settings): readonly Role[] {
  const roles = settings['process.roles']
  const known = (['broker', 'controller'] as const).filter((role) => roles.includes(role))
  if (known.length === 0 || known.length !== new Set(roles).size) {
    throw invalid(`process.roles takes broker, controller or both, not '${roles.join(',')}'`)
  }
  return known
}

/** The listeners of a node's roles. */
export function planListeners(settings: Settings): readonly PlannedListener[] {
  const roles = rolesOf(settings)
  const advertised = settings['advertised.listeners'].map(parseListener)
  const planned = settings.listeners.map(parseListener).map((endpoint): PlannedListener => {
    const isController = settings['controller.listener.names'].includes(endpoint.listener)
    const told = advertised.find(({ listener }) => listener === endpoint.listener)
    const role = isController ? 'controller' : 'broker'
    return { endpoint, role, ...(told !== undefined && { advertised: told }) }
  })
  const names = new Set(planned.map(({ endpoint }) => endpoint.listener))
  if (names.size !== planned.length) throw invalid('listeners names one listener twice')
  const opened = planned.filter(({ role }) => roles.includes(role))
  for (const role of roles) {
    if (opened.some((listener) => listener.role === role)) continue
    throw invalid(`listeners has none for the role ${role} (see controller.listener.names)`)
  }
  const between = settings['inter.broker.listener.name']
  if (roles.includes('broker') && !opened.some(({ endpoint }) => endpoint.listener === between)) {
    throw invalid(`inter.broker.listener.name is ${between}, which is not among listeners`)
  }
  for (const { endpoint, advertised: told } of opened) {
    if (told !== undefined || !wildcards.includes(endpoint.host)) continue
    const name = endpoint.listener
    throw invalid(`listener ${name} is on every address: name one in advertised.listeners`)
  }
  return opened
}

/** What others are told about a listener that is open at `bound`. */
export function advertise(planned: PlannedListener, bound: Endpoint): Endpoint {
  const { host, port } = planned.advertised ?? { host: planned.endpoint.host, port: 0 }
  return { listener: planned.endpoint.listener, host, port: port === 0 ? bound.port : port }
}

function parseListener(text: string): Endpoint {
  const [, listener, bracketed, plain, port] = pattern.exec(text.trim()) ?? []
  if (listener === undefined || Number(port) > 65_535) {
    throw invalid(`a listener is NAME://host:port, not '${text}'`)
  }
  return { listener, host: bracketed ?? plain ?? '', port: Number(port) }
}

function invalid(message: string): StartFailure {
  return new StartFailure('INVALID_CONFIG', `${message}.`)
}
