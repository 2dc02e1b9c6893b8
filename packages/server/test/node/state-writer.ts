/** Writes state as fast as it can until it is killed. Usage: state-writer.js folder */
import { StateStore } from '../../src/node/state-store.js'
import { emptyState } from '../../src/server-state.js'

const store = new StateStore(process.argv[2]!, (problem) => {
  throw new Error(problem)
})
for (let n = 0; ; n++) {
  const name = `Room ${n} ${'x'.repeat(n % 5000)}`
  store.save(() => ({ ...emptyState, clients: [{ id: 'c', name, group: 'g' }] }))
  await store.flush()
  if (n === 0) process.send?.('written')
}
