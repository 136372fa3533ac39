/** One pass of an iterate loop, from the outside in; empty is the root frame. Written `2.0`, and in names `load#2.0`. */
export type FramePath = readonly number[]

/** Outside of every loop. */
export const ROOT_FRAME: FramePath = []

/** `2.0`, or the empty text for the root frame. */
export function formatFrame(frame: FramePath): string {
  return frame.join('.')
}

/** `load#2.0`, or `load` in the root frame. */
export function nameInFrame(name: string, frame: FramePath): string {
  return frame.length === 0 ? name : `${name}#${formatFrame(frame)}`
}

/** What {@link nameInFrame} wrote, taken apart. */
export function readNameInFrame(text: string): { readonly name: string; readonly frame: FramePath } {
  const [name = '', frame] = text.split('#', 2)
  return { name, frame: frame === undefined ? ROOT_FRAME : frame.split('.').map(Number) }
}

/** The name without the frame that {@link nameInFrame} wrote behind it: `load` of `load#2.0`. */
export function nameWithoutFrame(name: string): string {
  return name.split('#', 1)[0] ?? ''
}
