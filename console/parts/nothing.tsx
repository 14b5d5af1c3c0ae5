/** A place without data: a sentence, a reason and one action; never blank. */
export function Nothing({ words, href }: { words: { sentence: string; reason: string; action: string }; href: string }) {
  return (
    <div class="nothing">
      <p>
        <strong>{words.sentence}</strong> {words.reason}
      </p>
      <p>
        <a class="button" href={href}>
          {words.action}
        </a>
      </p>
    </div>
  )
}
