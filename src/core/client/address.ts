/** Bootstrap addresses as people write them: `host:port`, IPv6 in brackets, several with commas. */

/** A host without brackets and a port. */
export interface Address {
  readonly host: string
  readonly port: number
}

const defaultPort = 7092

/** The addresses of a bootstrap list, or a sentence that says which part is wrong. A missing port is 7092. */
export function parseAddresses(
  text: string | readonly string[],
):
  | { readonly ok: true; readonly addresses: readonly Address[] }
  | { readonly ok: false; readonly message: string } {
  const parts = (typeof text === 'string' ? text.split(',') : text).map((part) => part.trim())
  const addresses: Address[] = []
  for (const part of parts.filter((candidate) => candidate !== '')) {
    const address = parseAddress(part)
    if (address === undefined)
      return { ok: false, message: `not an address: ${part} (write host:port)` }
    addresses.push(address)
  }
  if (addresses.length === 0) return { ok: false, message: 'no bootstrap address is given' }
  return { ok: true, addresses }
}

function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s/]+))(?::(\d{1,5}))?$/.exec(text)
  if (match === null) return undefined
  const host = match[1] ?? match[2] ?? ''
  const port = match[3] === undefined ? defaultPort : Number(match[3])
  return port < 1 || port > 65_535 ? undefined : { host, port }
}
