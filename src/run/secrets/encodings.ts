/** Lines of a secret that are masked on their own: a command's output is logged line by line. */
const SHORTEST_LINE = 8

/** The forms that a secret may take where it is printed, itself included: in URLs, JSON, SQL, a shell, base64 and hex. */
export function encodingsOf(secret: string): ReadonlySet<string> {
  const forms = new Set<string>()
  const lines = secret.split(/\r?\n/).map((line) => line.trim())
  for (const text of [secret, secret.trim(), ...lines.filter((line) => line.length >= SHORTEST_LINE)]) {
    if (text === '') continue
    for (const form of textForms(text)) forms.add(form)
    const bytes = Buffer.from(text)
    forms.add(bytes.toString('hex'))
    for (const offset of [0, 1, 2]) {
      const core = base64Core(bytes, offset)
      forms.add(core)
      forms.add(core.replaceAll('+', '-').replaceAll('/', '_'))
    }
  }
  return forms
}

function textForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const ascii = json.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const url = toWellFormed(text)
  const component = encodeURIComponent(url)
  const strict = component.replace(/[!'()*]/g, toPercent)
  return [
    text,
    json,
    ascii,
    // JSON inside of JSON, as an answer that is quoted in a log.
    JSON.stringify(json).slice(1, -1),
    component,
    strict,
    strict.replaceAll('%20', '+'),
    strict.replace(/[-_.~]/g, toPercent),
    encodeURI(url),
    text.replaceAll("'", "''"),
    text.replaceAll('"', '""'),
    text.replaceAll("'", "\\'"),
    text.replaceAll("'", `'\\''`),
    text.replaceAll("'", `'"'"'`),
    text.replace(/["$`\\!]/g, '\\$&'),
    text.replace(/[^\w@%+=:,./-]/g, '\\$&'),
    text.replace(/[&<>"']/g, (char) => HTML[char] ?? char),
  ]
}

const HTML: { readonly [char: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function toPercent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`
}

/** What half a pair of surrogates becomes when it is written as bytes. */
function toWellFormed(text: string): string {
  return Buffer.from(text).toString()
}

/** The characters of base64 that only these bytes make, where `offset` bytes of others stand before them in a group of three. */
function base64Core(bytes: Buffer, offset: number): string {
  const first = Math.ceil((offset * 8) / 6)
  const end = Math.floor(((offset + bytes.length) * 8) / 6)
  return Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .slice(first, end)
}
