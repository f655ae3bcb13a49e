/** Access, headers, media and errors: what all pages and the HTTP interface for programs share. */
@NullMarked
package dev.reelrank.console.web;

import org.jspecify.annotations.NullMarked;
