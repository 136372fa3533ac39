import type { Size } from './measure.js'
import type { Direction } from './ports.js'

/** A table as large as the box, with thin cells along two of its sides whose middles are where connections cross. */
export function writeBoxTable({ width, height }: Size, ports: readonly number[], direction: Direction): string {
  const isDown = direction === 'down'
  const length = Math.round(isDown ? width : height)
  const depth = Math.round(isDown ? height : width) - 2
  const cells = splitSide(ports, length)
  const cell = (size: number, port: string) =>
    `<TD${port} FIXEDSIZE="TRUE" ${isDown ? 'WIDTH' : 'HEIGHT'}="${size}" ${isDown ? 'HEIGHT' : 'WIDTH'}="1"></TD>`
  const side = (letter: string) => cells.map(({ size, port }) => cell(size, port === undefined ? '' : ` PORT="${letter}${port}"`))
  const middle = (span: string) =>
    `<TD ${span}="${cells.length}" FIXEDSIZE="TRUE" WIDTH="${isDown ? length : depth}" HEIGHT="${isDown ? depth : length}"></TD>`
  const entries = side('i')
  const exits = side('o')
  const rows = isDown
    ? [entries.join(''), middle('COLSPAN'), exits.join('')]
    : cells.map((_, i) => `${entries[i]}${i === 0 ? middle('ROWSPAN') : ''}${exits[i]}`)
  return `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">${rows.map((row) => `<TR>${row}</TR>`).join('')}</TABLE>`
}

interface Cell {
  readonly size: number
  readonly port: number | undefined
}

/** Cells along a side whose edges are half-way between the ports: the middle of each is near its port. */
function splitSide(ports: readonly number[], length: number): readonly Cell[] {
  const cells: Cell[] = []
  let end = 0
  ports.forEach((at, port) => {
    const room = Math.min(at - end, ((ports[port + 1] ?? length) - at) / 2, length - at)
    const half = Math.max(1, Math.floor(room))
    if (at - half > end) cells.push({ size: at - half - end, port: undefined })
    end = Math.max(end, at - half)
    cells.push({ size: 2 * half, port })
    end += 2 * half
  })
  if (end < length) cells.push({ size: length - end, port: undefined })
  return cells
}
