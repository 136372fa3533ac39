import { readdirSync, readFileSync } from 'node:fs'

/** Command lines of all processes that have a variable with this value in the environment they were started with. Linux only. */
export function findMarked(marker: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const environment = readProc(pid, 'environ')
      return environment.split('\0').some((variable) => variable.endsWith(`=${marker}`))
        ? [`${pid} ${readProc(pid, 'cmdline').replaceAll('\0', ' ')}`]
        : []
    })
}

/** Empty: it has ended meanwhile, has ended and nobody has asked how, or belongs to another user. */
function readProc(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
