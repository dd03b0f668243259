// Whatever goes wrong inside a page is shown and kept: a test or a person must not miss it.
import { addGlobalErrorListener, addGlobalWarningListener } from './easel'

export const problems: string[] = []

export function report(problem: unknown): void {
  const text = problem instanceof Error ? (problem.stack ?? problem.message) : describe(problem)
  problems.push(text)
  console.error(text)
  let panel = document.querySelector('.problems')
  if (!panel) {
    panel = document.createElement('pre')
    panel.className = 'problems'
    panel.setAttribute('role', 'alert')
    document.body.append(panel)
  }
  panel.textContent = `页面出错：\n${problems.join('\n')}`
}

function describe(problem: unknown): string {
  return typeof problem === 'string' ? problem : JSON.stringify(problem)
}

export function watchProblems(): void {
  addGlobalErrorListener((error) => {
    report(error)
    return false
  })
  addGlobalWarningListener((message, component) => {
    const where = typeof component === 'string' ? component : component.is
    report(`${where}: ${message}`)
    return false
  })
  window.addEventListener('error', (event) => report(event.error ?? event.message))
  window.addEventListener('unhandledrejection', (event) => report(event.reason))
}
