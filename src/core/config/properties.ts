/**
 * Reads and writes `.properties` text as Java does, so that operators can paste a server.properties:
 * `key=value`, `key: value` or `key value`, `#` and `!` comments, a backslash continues a line or
 * escapes. Later lines win.
 */

/** Key and value of every line. */
export function readProperties(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const line of logicalLines(text)) {
    const [, key = '', value = ''] = /^((?:\\.|[^\\=:\s])+)\s*[=:\s]?\s*(.*)$/su.exec(line) ?? []
    if (key !== '') values[unescape(key)] = unescape(value)
  }
  return values
}

/** One `key=value` line each. */
export function writeProperties(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('')
}

function logicalLines(text: string): readonly string[] {
  const lines: string[] = []
  let held = ''
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trimStart()
    if (held === '' && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const backslashes = /\\*$/.exec(line)?.[0].length ?? 0
    if (backslashes % 2 === 1) {
      held += line.slice(0, -1)
      continue
    }
    lines.push((held + line).trimEnd())
    held = ''
  }
  if (held !== '') lines.push(held)
  return lines
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescape(text: string): string {
  return text.replaceAll(/\\(u[0-9a-fA-F]{4}|.)/gsu, (_, code: string) =>
    code.length === 5
      ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
      : (escapes[code] ?? code),
  )
}
