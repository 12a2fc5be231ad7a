'use strict'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** Milliseconds between updates: frames on a terminal, lines elsewhere. */
const FRAME = 100
const LINE = 20_000

function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds))
  return whole < 90 ? `${whole} s` : `${Math.round(whole / 60)} min`
}

/**
 * Shows the progress of a step: a spinner with elapsed and expected time on a terminal, plain lines
 * elsewhere (files, CI).
 * @returns `detail(text)` shows output of the step, `end(mark)` ends the line
 */
function showStep(stream, label, seconds) {
  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 1000
  let detail = ''
  let frame = 0
  const draw = () => {
    const left = seconds - elapsed()
    const about = left > 1 ? `about ${duration(left)} left` : 'almost done'
    const line = `${FRAMES[frame++ % FRAMES.length]} ${label}: ${duration(elapsed())}, ${about}  ${detail}`
    stream.write(`\r\x1b[2K${line.slice(0, (stream.columns || 80) - 1)}`)
  }
  if (!stream.isTTY) stream.write(`${label} (about ${duration(seconds)}) ...\n`)
  const timer = stream.isTTY
    ? setInterval(draw, FRAME)
    : setInterval(() => stream.write(`${label}: ${duration(elapsed())} so far\n`), LINE)
  return {
    detail: text => {
      detail = text
    },
    end: mark => {
      clearInterval(timer)
      stream.write(`${stream.isTTY ? '\r\x1b[2K' : ''}${label}: ${mark}${mark === 'done' ? ` in ${duration(elapsed())}` : ''}\n`)
    },
  }
}

module.exports = { showStep, duration }
