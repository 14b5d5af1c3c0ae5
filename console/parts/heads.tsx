/** Heads of columns with these names. `numeric`: of figures, which stand to the right. */
export function Heads({ names, numeric = false }: { names: readonly string[]; numeric?: boolean }) {
  return (
    <>
      {names.map((name, place) => (
        <th scope="col" key={place} {...(numeric && { class: 'number' })}>
          {name}
        </th>
      ))}
    </>
  )
}
