// Renders templates with LiquidJS: a JSON object a line in, {template, variables}; one a line out.
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'

// The modules lie in a cache outside the checkout, beside nothing of it.
const require = createRequire(`${process.argv[2]}/`)
const { Liquid } = require('liquidjs')

for await (const line of createInterface({ input: process.stdin })) {
  const { template, variables } = JSON.parse(line)
  // One for each template: a loop goes on in the registers of none before it.
  const engine = new Liquid()
  let answer
  try {
    const parsed = engine.parse(template)
    try {
      answer = { output: engine.renderSync(parsed, variables) }
    } catch (error) {
      answer = { error: 'render', message: String(error.message).split('\n')[0] }
    }
  } catch (error) {
    answer = { error: 'parse', message: String(error.message).split('\n')[0] }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
