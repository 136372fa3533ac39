import { describeFlow } from './describe.js'
import type { Drawing } from './drawing.js'
import { escapeXml } from './svg/escape-xml.js'
import { renderSvg } from './svg/svg.js'

/** One page with the picture, a list of the nodes, and what is known of each. It needs no network. */
export async function renderHtml(drawing: Drawing): Promise<string> {
  const svg = await renderSvg(drawing)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeXml(describeFlow(drawing))}</title>
<style>
${STYLE}
</style>
<aside aria-label="Nodes">
<input type="search" placeholder="Find a node" aria-label="Find a node">
<ul>
${drawing.nodes.map(({ node, progress }) => `<li><button data-node="${node.id}"><b>${escapeXml(node.id)}</b> <span>${escapeXml(progress === undefined ? node.module : `${node.module}, ${progress.status}`)}</span></button></li>`).join('\n')}
</ul>
<pre hidden aria-live="polite"></pre>
</aside>
<main tabindex="0" aria-label="The flow. Arrow keys move it, + and - zoom, 0 shows all of it.">
${svg}</main>
<nav aria-label="Zoom"><button data-zoom="1.25" aria-label="larger">+</button><button data-zoom="0.8" aria-label="smaller">−</button><button data-fit aria-label="all of it">fit</button></nav>
<script>
${SCRIPT}
</script>
</html>
`
}

const STYLE = `:root { color-scheme: light dark; --page: #fff; --text: #1f2328; --muted: #59636e; --line: #d1d9e0; --mark: #ddf4ff; --focus: #0969da }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --text: #f0f6fc; --muted: #a5afba; --line: #3d444d; --mark: #0c2d56; --focus: #4493f8 } }
* { box-sizing: border-box }
body { margin: 0; height: 100vh; display: flex; overflow: hidden; background: var(--page); color: var(--text); font: 13px ui-sans-serif, system-ui, sans-serif }
aside { width: 260px; flex: none; display: flex; flex-direction: column; border-right: 1px solid var(--line) }
aside input { margin: 10px; padding: 6px 8px; font: inherit }
aside ul { margin: 0; padding: 0; list-style: none; overflow: auto; flex: 1 }
aside button { display: block; width: 100%; padding: 4px 12px; border: 0; background: none; color: inherit; font: inherit; text-align: left; cursor: pointer; overflow-wrap: anywhere }
aside button span { color: var(--muted) }
aside button:hover, aside button.chosen { background: var(--mark) }
:focus-visible { outline: 2px solid var(--focus); outline-offset: -2px }
aside pre { margin: 0; padding: 10px 12px; border-top: 1px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; max-height: 40vh; overflow: auto; font: inherit }
main { flex: 1; overflow: hidden; position: relative; cursor: grab; touch-action: none }
main svg { position: absolute; transform-origin: 0 0; max-width: none }
main svg .node { cursor: pointer }
main svg .node.chosen .shape { stroke-width: 4 }
nav { position: fixed; right: 12px; bottom: 12px }
nav button { font: inherit; min-width: 32px; padding: 4px 8px; margin-left: 4px }
@media (max-width: 700px) { aside { display: none } }`

/** Wheel, buttons and keys zoom, dragging and arrow keys move, and a node that is chosen on one side is shown on the other. */
const SCRIPT = `const main = document.querySelector('main'), svg = main.querySelector('svg'), details = document.querySelector('pre')
const width = svg.width.baseVal.value, height = svg.height.baseVal.value
let scale = 1, x = 0, y = 0, held
const show = () => { svg.style.transform = 'translate(' + x + 'px,' + y + 'px) scale(' + scale + ')' }
const zoom = (factor, at, top) => {
  const next = Math.min(4, Math.max(0.05, scale * factor))
  x = at - (at - x) * next / scale
  y = top - (top - y) * next / scale
  scale = next
  show()
}
const fit = () => {
  scale = Math.min(1, main.clientWidth / width, main.clientHeight / height)
  x = (main.clientWidth - width * scale) / 2
  y = Math.max(0, (main.clientHeight - height * scale) / 2)
  show()
}
const choose = (id, centre) => {
  for (const each of document.querySelectorAll('.chosen')) each.classList.remove('chosen')
  const item = document.querySelector('button[data-node="' + id + '"]'), node = svg.querySelector('[data-node="' + id + '"]')
  item.classList.add('chosen')
  node.classList.add('chosen')
  details.hidden = false
  details.textContent = node.querySelector('title').textContent
  item.scrollIntoView({ block: 'nearest' })
  if (!centre) return
  scale = Math.max(scale, 0.8)
  show()
  const frame = main.getBoundingClientRect(), found = node.getBoundingClientRect()
  x += frame.x + frame.width / 2 - found.x - found.width / 2
  y += frame.y + frame.height / 2 - found.y - found.height / 2
  show()
}
main.addEventListener('wheel', (event) => {
  event.preventDefault()
  const frame = main.getBoundingClientRect()
  zoom(Math.exp(-event.deltaY / 400), event.clientX - frame.x, event.clientY - frame.y)
}, { passive: false })
main.addEventListener('pointerdown', (event) => { held = { x: event.clientX - x, y: event.clientY - y, from: [event.clientX, event.clientY], node: event.target.closest('.node') } ; main.setPointerCapture(event.pointerId) })
main.addEventListener('pointermove', (event) => { if (held) { x = event.clientX - held.x; y = event.clientY - held.y; show() } })
main.addEventListener('pointerup', (event) => {
  const isClick = held && Math.hypot(event.clientX - held.from[0], event.clientY - held.from[1]) < 4
  if (isClick && held.node) choose(held.node.dataset.node, false)
  held = undefined
})
main.addEventListener('pointercancel', () => { held = undefined })
document.querySelector('nav').addEventListener('click', ({ target }) => {
  if ('fit' in target.dataset) fit()
  else if (target.dataset.zoom) zoomHere(Number(target.dataset.zoom))
})
const zoomHere = (factor) => zoom(factor, main.clientWidth / 2, main.clientHeight / 2)
const move = (right, down) => { x += right; y += down; show() }
const keys = {
  ArrowLeft: () => move(60, 0), ArrowRight: () => move(-60, 0), ArrowUp: () => move(0, 60), ArrowDown: () => move(0, -60),
  '+': () => zoomHere(1.25), '=': () => zoomHere(1.25), '-': () => zoomHere(0.8), '0': fit,
}
main.addEventListener('keydown', (event) => {
  const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
  if (!act) return
  event.preventDefault()
  act()
})
document.querySelector('ul').addEventListener('click', ({ target }) => { const item = target.closest('button'); if (item) choose(item.dataset.node, true) })
const find = document.querySelector('input')
find.addEventListener('input', () => {
  for (const item of document.querySelectorAll('li')) item.hidden = !item.textContent.toLowerCase().includes(find.value.toLowerCase())
})
find.addEventListener('keydown', ({ key }) => { const first = document.querySelector('li:not([hidden]) button'); if (key === 'Enter' && first) choose(first.dataset.node, true) })
addEventListener('resize', fit)
fit()`
