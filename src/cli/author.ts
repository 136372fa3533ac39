/** Who stands as the author of what is made, when nobody is named: the user of the machine. */
export function usualAuthor(env: { readonly [name: string]: string | undefined }): string {
  return env.USER || env.LOGNAME || 'me'
}

/** The day of the clock on the wall, as a flow has it. */
export function formatToday(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}
