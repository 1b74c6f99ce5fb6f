// A scenario runs in a process of its own: the test tells it what it needs, and does for it what only a person or an operator can.
// Both sides write one JSON value a line.
import { createInterface } from 'node:readline'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const heard = async () => JSON.parse((await lines.next()).value)
const write = (said) => process.stdout.write(JSON.stringify(said) + '\n')

/** What the test told at the start. */
export const told = await heard()

/** Ask the test to do something; what came of it. */
export async function ask(what, ...given) {
  write({ ask: what, given })
  return heard()
}

/** The last word: what the test compares. */
export function say(result) {
  write({ said: result })
  lines.return()
}
