/** Whether a filter takes a topic (MQTT 3.1.1, 4.7). That filters with a wildcard in front take nothing reserved is left to the rules. */
export function takes(filter: string, topic: string): boolean {
  const [wanted, given] = [filter.split('/'), topic.split('/')]
  for (const [i, level] of wanted.entries()) {
    if (level === '#') return true
    if (i >= given.length || (level !== '+' && level !== given[i])) return false
  }
  return wanted.length === given.length
}
