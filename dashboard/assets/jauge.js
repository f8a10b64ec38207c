// What happens in the browser alone: refresh, focus, menu, light and dark, language.
(() => {
  const QUIET = 120000 // ms without a key or pointer after which a reader is taken to have left
  let focused = null
  let active = 0
  let path = null
  let view = null // the whole address of what is shown
  const touch = () => { active = Date.now() }
  for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel']) addEventListener(kind, touch, { passive: true })
  addEventListener('focusin', event => { focused = event.target.id || null })

  addEventListener('keydown', event => {
    const link = event.key === 'Enter' && event.target.matches?.('.ag-cell') && event.target.querySelector('a')
    if (link) link.click()
  })

  // A menu that was unfolded is folded by Escape, and the focus is where it was unfolded.
  addEventListener('keydown', event => {
    const burger = event.key === 'Escape' && document.querySelector('#burger:has([data-opened])')
    if (burger) { burger.click(); burger.focus() }
  })

  // "/" leads to the field of the search, from everywhere but where somebody writes.
  const writes = one => one.matches?.('input, textarea, select, [contenteditable]')
  addEventListener('keydown', event => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || writes(event.target)) return
    const field = ['search-here', 'search'].map(id => document.getElementById(id)).find(one => one?.offsetParent)
    const way = document.querySelector('.to-search')
    if (!field && !way) return
    event.preventDefault()
    if (field) { field.focus(); field.select() } else way.click()
  })

  // Plain HTML of a page, drawn without a component of Dash for each element (dashboard/components/markup.py). A link inside goes
  // where it leads without loading the document anew, unless it is to open elsewhere.
  const follow = event => {
    if (event.metaKey || event.shiftKey || event.altKey || event.ctrlKey) return
    event.preventDefault()
    history.pushState({}, '', event.currentTarget.href)
    dispatchEvent(new CustomEvent('_dashprivate_pushstate'))
    scrollTo(0, 0)
  }
  const build = part => {
    if (Array.isArray(part)) return part.map(build)
    if (!part?.type) return part
    const { children, id, ...props } = part.props
    if (id) props.id = typeof id === 'string' ? id : JSON.stringify(id)
    if (part.type === 'Link') props.onClick = follow
    const inside = build(children)
    const tag = part.type === 'Link' ? 'a' : part.type.toLowerCase()
    return Array.isArray(inside) ? window.React.createElement(tag, props, ...inside) : window.React.createElement(tag, props, inside)
  }
  const Markup = ({ tree }) => window.React.useMemo(
    () => Array.isArray(tree) ? window.React.createElement(window.React.Fragment, null, ...build(tree)) : build(tree), [tree])
  window.jauge = { Markup }

  // The grid is a third of all script, and one page shows it: it comes with that page.
  const address = document.querySelector('meta[name=grid]')?.content
  if (address && !window.dash_ag_grid) {
    const { createElement, useEffect, useState } = window.React
    let coming = null
    const come = () => coming ??= new Promise((done, failed) => {
      const script = Object.assign(document.createElement('script'), { src: address, onload: done, onerror: failed })
      document.head.append(script)
    }).then(() => {
      const { AgGrid } = window.dash_ag_grid
      // What stands on a page already stays of one kind.
      window.dash_ag_grid = { ...window.dash_ag_grid, AgGrid: Grid }
      return AgGrid
    })
    const Grid = props => {
      const [Known, know] = useState(null)
      useEffect(() => { come().then(found => know(() => found), () => { coming = null; tell(0, false) }) }, [])
      return Known && createElement(Known, props)
    }
    window.dash_ag_grid = { AgGrid: Grid }
  }

  // A file that is too large, several at once and a folder never leave the browser, which would say nothing of it.
  const weigh = (files, folder) => {
    const large = document.getElementById('import-large')
    if (large) large.hidden = ![...files].some(file => file.size > Number(large.dataset.most))
    const one = document.getElementById('import-one')
    if (one) one.hidden = !folder && files.length < 2
  }
  addEventListener('change', event => { if (event.target.type === 'file') weigh(event.target.files, false) }, true)
  addEventListener('drop', event => {
    const folder = [...event.dataTransfer?.items ?? []].some(item => item.webkitGetAsEntry?.()?.isDirectory)
    weigh(event.dataTransfer?.files ?? [], folder)
  }, true)

  // What was not done is said: a page whose session is over would only seem dead.
  let failed = null // whether it was the pulse that failed, else somebody who asked
  const tell = (status, pulse) => {
    const lost = document.getElementById('lost')
    if (!lost || (status < 400 && status && (failed === null || (failed === false && pulse)))) return
    failed = status < 400 && status ? null : pulse
    const over = status === 401
    lost.hidden = failed === null
    document.getElementById('lost-session').hidden = !over
    document.getElementById('lost-server').hidden = over
    if (failed === false) lost.scrollIntoView({ block: 'nearest' })
  }
  const ask = window.fetch
  window.fetch = async (...given) => {
    if (!String(given[0]?.url ?? given[0]).includes('_dash-update-component')) return ask(...given)
    const pulse = String(given[1]?.body).includes('"changedPropIds":["beat.data"]')
    try {
      const body = String(given[1]?.body)
      const shows = pulse && body.includes('..content.children.')
      const forced = shows && wanted
      if (shows) wanted = false
      const answer = await ask(...given)
      tell(answer.status, pulse)
      if (!shows || body.includes('"busy":true')) return answer
      // Who began something since they were asked keeps what they look at.
      if (!forced && busy()) return new Response(null, { status: 204 })
      kept = look()
      return answer
    } catch (error) {
      if (error.name !== 'AbortError') tell(0, pulse)
      throw error
    }
  }

  const content = () => document.getElementById('content')
  const inside = one => Boolean(one && one !== content() && content()?.contains(one))
  const reading = () => inside(document.activeElement) && document.activeElement.id !== 'title' && Date.now() - active < QUIET

  // What somebody wrote or chose in a field stays until they send it, take it back or leave the page.
  const begun = new WeakMap()
  const written = new Set()
  addEventListener('focusin', event => { if (writes(event.target) && !begun.has(event.target)) begun.set(event.target, event.target.value) })
  addEventListener('input', event => {
    const field = event.target
    if (!inside(field)) return
    if (begun.get(field) === field.value) written.delete(field)
    else written.add(field)
  })
  const writing = () => {
    for (const field of written) if (!inside(field)) written.delete(field)
    return written.size > 0
  }
  const selecting = () => {
    const chosen = getSelection()
    return Boolean(chosen && !chosen.isCollapsed && inside(chosen.anchorNode))
  }
  const busy = () => reading() || writing() || selecting()

  // A reader who is busy is offered new figures, and gets them by this button alone.
  let wanted = false
  addEventListener('click', event => {
    if (event.target.id !== 'renew') return
    wanted = true
    window.dash_clientside.set_props('pulse', { n_intervals: Date.now() })
  })

  // A page that is drawn anew is as its reader left it: what was open, scrolled, sorted and written.
  const GRIDS = ['stores', 'stores-many']
  const SCROLLED = '.table, pre'
  const grid = id => { const found = document.getElementById(id) && window.dash_ag_grid?.getApi(id); return found && !found.isDestroyed() ? found : null }
  const named = () => {
    const seen = new Map()
    return [...document.querySelectorAll('#content details')].map(one => {
      const title = one.querySelector('summary')?.textContent ?? ''
      seen.set(title, (seen.get(title) ?? 0) + 1)
      return [`${title} ${seen.get(title)}`, one]
    })
  }
  const look = () => ({
    path: location.pathname + location.search,
    top: scrollY,
    open: new Map(named().map(([name, one]) => [name, one.open])),
    scrolled: [...document.querySelectorAll(`#content :is(${SCROLLED})`)].map(one => [one.scrollLeft, one.scrollTop]),
    fields: [...written].filter(inside).map(one => [one.id || one.name, one.value]),
    grids: GRIDS.map(id => [id, grid(id)]).filter(([, api]) => api).map(([id, api]) => ({
      id, columns: api.getColumnState(), filter: api.getFilterModel(), row: api.getFirstDisplayedRowIndex(),
      top: api.getVerticalPixelRange().top, node: document.getElementById(id)?.querySelector('.ag-root')
    }))
  })
  const write = (field, value) => {
    const kind = field.tagName === 'TEXTAREA' ? HTMLTextAreaElement : field.tagName === 'SELECT' ? HTMLSelectElement : HTMLInputElement
    if (!begun.has(field)) begun.set(field, field.value)
    Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, value)
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const regrid = (kept, left = 50) => {
    const api = grid(kept.id), node = document.getElementById(kept.id)?.querySelector('.ag-root')
    if (!left || (node && node === kept.node)) return
    if (!api || !node) { setTimeout(() => regrid(kept, left - 1), 100); return }
    api.applyColumnState({ state: kept.columns, applyOrder: true })
    if (kept.filter && Object.keys(kept.filter).length) api.setFilterModel(kept.filter)
    if (kept.top > 0) api.ensureIndexVisible(Math.min(kept.row, api.getDisplayedRowCount() - 1), 'top')
  }
  const restore = kept => {
    if (!kept || kept.path !== location.pathname + location.search) return
    for (const [name, one] of named()) if (kept.open.has(name)) one.open = kept.open.get(name)
    const scrolled = [...document.querySelectorAll(`#content :is(${SCROLLED})`)]
    if (scrolled.length === kept.scrolled.length) scrolled.forEach((one, place) => { [one.scrollLeft, one.scrollTop] = kept.scrolled[place] })
    for (const [name, value] of kept.fields) {
      const field = name && content()?.querySelector(`[id="${CSS.escape(name)}"], [name="${CSS.escape(name)}"]`)
      if (field && field.value !== value) write(field, value)
    }
    kept.grids.forEach(one => regrid(one))
    if (scrollY !== kept.top) scrollTo(0, kept.top)
  }
  let kept = null

  // The input behind a button that chooses a file has no name of its own, and is drawn when its script has come.
  const call = () => {
    for (const input of document.querySelectorAll('.upload input[type=file]:not([aria-label])')) {
      const button = input.closest('.upload').querySelector('button')
      if (button) input.setAttribute('aria-label', button.textContent)
    }
  }
  // A hundred choices among the same words: the words come once, and each choice begins with what the server says, once for each file.
  const choose = () => {
    for (const field of document.querySelectorAll('select[data-chosen]')) {
      if (field.begun === field.dataset.chosen) continue
      const all = document.getElementById(field.dataset.options)
      if (all && !field.options.length) field.append(...all.cloneNode(true).children)
      field.value = field.dataset.chosen.split(':')[1]
      field.begun = field.dataset.chosen
    }
  }
  const drawn = { childList: true, subtree: true, attributeFilter: ['data-chosen'] }
  new MutationObserver(() => { call(); choose() }).observe(document, drawn)

  // Charts are drawn for the screen's width: on paper they shrink as pictures do.
  addEventListener('beforeprint', () => {
    for (const one of document.querySelectorAll('.js-plotly-plot .svg-container')) {
      const { width, height } = one.getBoundingClientRect()
      one.style.setProperty('--shape', String(width / height))
      for (const svg of one.querySelectorAll('.main-svg')) svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
    }
  })
  addEventListener('afterprint', () => {
    for (const svg of document.querySelectorAll('.js-plotly-plot .main-svg')) svg.removeAttribute('viewBox')
  })

  const settle = pathname => {
    const heading = document.getElementById('title')
    if (heading) document.title = heading.textContent + ' · Jauge'
    for (const link of document.querySelectorAll('a.nav')) {
      const href = link.getAttribute('href')
      const here = pathname.replace(/\/+$/, '') || '/'
      const current = href === here || (href !== '/' && here.startsWith(href + '/'))
      if (current) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    // A part that was drawn anew gives the focus back to what had it; another view begins at its title, also where what led there
    // has no name, as a row of the grid and the way back of the browser have none.
    const here = pathname + location.search
    if (document.activeElement === document.body) {
      const before = focused && document.getElementById(focused)
      if (before) before.focus({ preventScroll: true })
      else if (heading && view !== null && (focused || view !== here)) heading.focus({ preventScroll: true })
    }
    view = here
    if (path !== null && path !== pathname) scrollTo(0, 0)
    else restore(kept)
    kept = null
    path = pathname
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    jauge: {
      beat: count => (document.hidden ? window.dash_clientside.no_update : { count, busy: !wanted && busy() }),
      shown: (_children, pathname) => { setTimeout(() => settle(pathname || '/'), 0); return null },
      // Choices of a form are read when somebody asks for it; the number of clicks tells two equal forms apart.
      said: clicks => {
        const count = clicks.reduce((sum, one) => sum + (one || 0), 0)
        if (!count) return window.dash_clientside.no_update
        const fields = { asked: String(Date.now()) }
        for (const field of document.querySelectorAll('#import-shown select[name]')) fields[field.name] = field.value
        return fields
      },
      // A grid that has only the rows in sight asks for them again where they changed; it stays where it was scrolled to.
      // Workers of the server draw at moments of their own: what one tells is compared with the rows in sight, whichever sent them.
      renew: asOf => {
        const api = grid('stores-many')
        const row = api?.getDisplayedRowAtIndex(api.getFirstDisplayedRowIndex())?.data
        if (row && asOf !== row.as_of) api.refreshInfiniteCache()
        return asOf
      },
      fold: (opened, navbar) => {
        document.getElementById('burger')?.setAttribute('aria-expanded', String(Boolean(opened)))
        return { ...navbar, collapsed: { mobile: !opened } }
      },
      close: () => false,
      theme: clicks => {
        if (clicks) {
          const root = document.documentElement
          const next = root.getAttribute('data-mantine-color-scheme') === 'dark' ? 'light' : 'dark'
          root.setAttribute('data-mantine-color-scheme', next)
          try { localStorage.setItem('mantine-color-scheme-value', next) } catch { /* for this page only */ }
        }
        return window.dash_clientside.no_update
      },
      language: clicks => {
        if (clicks) {
          const other = document.documentElement.lang === 'fr' ? 'en' : 'fr'
          document.cookie = `language=${other}; path=/; max-age=31536000; SameSite=Lax`
          location.reload()
        }
        return window.dash_clientside.no_update
      }
    }
  })
})()
