"""Official Account: messages, menus, codes, templates, web login and the page script's signatures."""
