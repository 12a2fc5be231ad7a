// @vitest-environment happy-dom
// @vitest-environment-options { "url": "http://service.example/" }
import { afterEach, expect, test } from 'vitest'
import { all, show } from '../test/shown.js'
import { language } from '../text/index.js'
import { Measured } from './measured.js'
import measured from './measured.json'

afterEach(() => {
  language.value = 'en'
})

const cells = () => all('tbody tr').map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))

test('figures are those of the benchmark, with the decimal sign of the language', async () => {
  const [{ source, objects, covered, wrong }] = measured.figures.filter(figure => /^0\.\d\d$/.test(figure.wrong))
  await show(<Measured />)
  expect(cells()).toContainEqual([source, objects, covered, wrong])
  language.value = 'de'
  await show(<Measured />)
  expect(cells()).toContainEqual([source, objects, covered, wrong.replace('.', ',')])
  expect(document.body.textContent).toMatch(/Gemessen am \d\d\.\d\d\.\d{4} /)
})
