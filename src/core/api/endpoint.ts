/** Where a listener of a node is reached. */
export interface Endpoint {
  /** Name of the listener, as in the setting `listeners`: `CLIENT`, `CONTROLLER`, … */
  readonly listener: string
  /** Host name or address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}
