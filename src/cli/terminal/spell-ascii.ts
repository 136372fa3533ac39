/** What pages are drawn with, each with the character of ASCII that stands for it and is as wide. */
const SPELLED: { readonly [drawn: string]: string } = {
  // Ends of runs, sub flows and nodes.
  '✓': '+',
  '✗': 'x',
  '»': '-',
  '⊘': '!',
  '■': '#',
  '▶': '>',
  '†': '?',
  '·': '.',
  // Bars, from the lowest one on.
  '▁': '_',
  '▂': '-',
  '▃': ':',
  '▄': '=',
  '▅': '+',
  '▆': '*',
  '▇': '%',
  '█': '#',
  '░': '.',
  '━': '=',
  // Lines.
  '─': '-',
  '│': '|',
  '┊': ':',
  '┌': '+',
  '┬': '+',
  '├': '+',
  '└': '+',
  '╭': '+',
  '╰': '+',
  // Graphs: types of nodes, and connections.
  '▷': '@',
  '○': 'o',
  '◆': '*',
  '→': '>',
  '←': '<',
  '⇒': '=',
  '⇢': '~',
  // Questions.
  '◇': 'o',
  '●': '*',
  '▲': '!',
  '↑': '^',
  '↓': 'v',
  '•': '-',
  // Signs in texts.
  '×': 'x',
  '…': '~',
  '␍': '$',
  '\uFFFD': '?',
}

/** A drawing with ASCII alone, for a terminal that shows no more; each line keeps its columns. Letters of names and values stay as they are. */
export function spellAscii(text: string): string {
  return text.replace(/[^\x00-\x7F]/g, (character) => SPELLED[character] ?? character)
}

/** Signs of sentences that are longer in ASCII. */
const SIGNS: { readonly [sign: string]: string } = { '…': '...', '→': '->' }

/** A sentence whose signs are ASCII; it may become longer. What it tells of a flow stays as it is. */
export function spellSigns(text: string): string {
  return text.replace(/[…→]/g, (sign) => SIGNS[sign] ?? sign)
}
