# Fits GARCH(1,1) with normal errors as fGarch does by default, again and again. Arguments: a file of doubles, a result file, fits.
# Prints processor and elapsed seconds per fit; the result file holds mu, omega, alpha, beta and the log-likelihood.
suppressMessages(library(fGarch))
arguments <- commandArgs(trailingOnly = TRUE)
fits <- as.integer(arguments[3])
series <- readBin(arguments[1], "double", n = file.size(arguments[1]) / 8, endian = "little")
fit <- function() garchFit(~ garch(1, 1), data = series, cond.dist = "norm", trace = FALSE)
for (i in 1:5) result <- fit()
before <- proc.time()
for (i in seq_len(fits)) result <- fit()
spent <- proc.time() - before
writeBin(c(unname(coef(result)), -unname(result@fit$llh)), arguments[2], endian = "little")
cat(sprintf("%.9f %.9f\n", (spent[["user.self"]] + spent[["sys.self"]]) / fits, spent[["elapsed"]] / fits))
