import './style/base.css'
import './style/shell.css'
import './style/tables.css'
import './style/watchlist.css'
import './style/chart.css'

import { render } from 'preact'

import { startPage } from './state/start.ts'
import { App } from './views/shell/app.tsx'

const page = document.getElementById('page')
if (page === null) throw new Error('the document has no element with the id "page"')
void startPage()
render(<App />, page)
