import { localDay, localNumbers, text } from '../text/index.js'
import measured from './measured.json'
import { Table } from './table.js'

/** What the built-in models find in photos with known objects: figures of the benchmark. */
export function Measured() {
  const t = text.value
  return (
    <>
      <h3>{t.measured}</h3>
      <Table columns={[t.classLabel, t.photosOf, t.objects, t.covered, t.falseAPhoto]}>
        {measured.figures.map(({ class: name, source, objects, covered, wrong }) => (
          <tr key={`${name} ${source}`}>
            <th scope="row">{t.classes[name]}</th>
            <td>{source}</td>
            <td>{localNumbers(objects)}</td>
            <td>{localNumbers(covered)}</td>
            <td>{localNumbers(wrong)}</td>
          </tr>
        ))}
      </Table>
      <p class="minor">{t.measuredHint(localDay(measured.date))}</p>
    </>
  )
}
