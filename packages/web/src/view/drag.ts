/** Moves one thing with mouse, pen or finger; what lies beneath is found by an attribute. Keyboards have their own way. */

export interface Drag {
  /** What the finger is over now: the nearest element with the attribute. */
  readonly over: (target: HTMLElement | undefined) => void
  readonly drop: (target: HTMLElement | undefined) => void
}

/** Starts at a pointerdown on a handle inside `moved`. */
export function startDrag(event: PointerEvent, moved: HTMLElement, attribute: string, drag: Drag): void {
  if (event.button !== 0) return
  event.preventDefault()
  const handle = event.currentTarget as HTMLElement
  handle.setPointerCapture(event.pointerId)
  const from = { x: event.clientX, y: event.clientY + scrollY }
  let target: HTMLElement | undefined
  moved.classList.add('is-dragged')
  document.documentElement.classList.add('dragging')

  const move = ({ clientX, clientY }: PointerEvent): void => {
    moved.style.transform = `translate(${clientX - from.x}px, ${clientY + scrollY - from.y}px)`
    const edge = 72
    if (clientY < edge) scrollBy(0, -12)
    else if (clientY > innerHeight - edge) scrollBy(0, 12)
    const beneath = document.elementsFromPoint(clientX, clientY).find((element) => !moved.contains(element))
    const found = beneath?.closest<HTMLElement>(`[${attribute}]`) ?? undefined
    if (found === target) return
    target = found
    drag.over(target)
  }
  const end = (ending: PointerEvent): void => {
    handle.removeEventListener('pointermove', move)
    handle.removeEventListener('pointerup', end)
    handle.removeEventListener('pointercancel', end)
    moved.classList.remove('is-dragged')
    moved.style.transform = ''
    document.documentElement.classList.remove('dragging')
    drag.over(undefined)
    if (ending.type === 'pointerup') drag.drop(target)
  }
  handle.addEventListener('pointermove', move)
  handle.addEventListener('pointerup', end)
  handle.addEventListener('pointercancel', end)
}
