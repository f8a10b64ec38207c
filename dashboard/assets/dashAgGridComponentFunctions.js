// Cells of the grid. React writes every text as text: nothing here is markup.
(() => {
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {})

  components.StoreLink = props => {
    if (!props.data) return null // a row that is on its way
    const href = props.data.href
    const follow = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      history.pushState({}, '', href)
      dispatchEvent(new CustomEvent('_dashprivate_pushstate'))
      scrollTo(0, 0)
    }
    return React.createElement('a', { href, onClick: follow }, props.value)
  }

  components.ShareBar = props => {
    if (!props.data) return null
    const share = props.value
    if (share === null || share === undefined) return props.data.ratio
    const state = share >= 0.9 ? 'bad' : share >= 0.8 ? 'warn' : 'good'
    return React.createElement('span', { className: 'share' },
      React.createElement('progress', { className: state, max: 1, value: share, 'aria-hidden': true }),
      props.data.ratio)
  }
})()
