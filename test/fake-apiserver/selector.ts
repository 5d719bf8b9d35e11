/** Label selectors as text: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, joined by commas. */
type Labels = Readonly<Record<string, string>>;

export function selector(text: string): (labels: Labels | undefined) => boolean {
  const terms = text.split(/,(?![^(]*\))/).map(term => term.trim());
  const checks = terms.filter(term => term !== '').map(parsed);
  return (labels = {}) => checks.every(check => check(labels));
}

function parsed(term: string): (labels: Labels) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\((.*)\)$/.exec(term);
  if (set) {
    const [, key = '', word, list = ''] = set;
    const values = list.split(',').map(value => value.trim());
    return labels => values.includes(labels[key] ?? '\0') === (word === 'in');
  }
  const compared = /^([^!=]+)(==|=|!=)(.*)$/.exec(term);
  if (compared) {
    const [, key = '', sign, value = ''] = compared.map(part => part.trim());
    return labels => (labels[key] === value) === (sign !== '!=');
  }
  return term.startsWith('!') ? labels => !(term.slice(1) in labels) : labels => term in labels;
}
