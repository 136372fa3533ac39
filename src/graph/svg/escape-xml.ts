/** A text in XML; characters that XML does not have are shown as a mark. */
export function escapeXml(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\uFFFD').replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
