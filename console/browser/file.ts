/** A chosen file goes as text into the field that its input names (`data-fills`): what is sent is what stands there to be read. */
export function fillFromFiles(): void {
  document.addEventListener('change', (event) => {
    const input = event.target
    if (!(input instanceof HTMLInputElement) || input.dataset.fills === undefined) return
    const field = document.getElementById(input.dataset.fills)
    const [file] = input.files ?? []
    if (!(field instanceof HTMLTextAreaElement) || file === undefined) return
    void file.text().then((text) => (field.value = text))
  })
}
