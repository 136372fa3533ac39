/** Whether a terminal shows more than ASCII, as far as its environment says: a locale that is set to something else than UTF-8 does not. */
export function showsUnicode({ LC_ALL, LC_CTYPE, LANG, TERM }: { readonly [name: string]: string | undefined }): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '')
  return TERM !== 'linux' && (locale === undefined || /utf-?8/i.test(locale))
}
