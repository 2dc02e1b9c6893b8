/** Dark or light: as the device says, or as the visitor says here. */
import { effect, signal } from '@preact/signals'
import { recall, remember } from './memory.js'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export const theme = signal<Theme>(themes.find((name) => name === recall('theme')) ?? 'system')

export function followTheme(): void {
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme.value
    remember('theme', theme.value)
  })
}
