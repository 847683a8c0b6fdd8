// Original file: sluice/v1/envelope.proto

/**
 * Where a listener of a node is reached.
 */
export interface Endpoint {
  /**
   * Name of the listener: CLIENT, CONTROLLER, …
   */
  listener?: string
  /**
   * Host name or address, IPv6 without brackets.
   */
  host?: string
  /**
   * TCP port.
   */
  port?: number
}

/**
 * Where a listener of a node is reached.
 */
export interface Endpoint__Output {
  /**
   * Name of the listener: CLIENT, CONTROLLER, …
   */
  listener: string
  /**
   * Host name or address, IPv6 without brackets.
   */
  host: string
  /**
   * TCP port.
   */
  port: number
}
