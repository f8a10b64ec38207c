// Runs before everything else. Every <style> that a component makes bears the page's nonce, which the content
// security policy asks for; and the scheme is set before the first paint.
(() => {
  const nonce = document.querySelector('meta[name=style-nonce]').content
  const make = Document.prototype.createElement
  Document.prototype.createElement = function (tag, ...rest) {
    const element = make.call(this, tag, ...rest)
    if (String(tag).toLowerCase() === 'style') element.nonce = nonce
    return element
  }
  let wanted = null
  try { wanted = localStorage.getItem('mantine-color-scheme-value') } catch { /* storage may be forbidden */ }
  const dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
