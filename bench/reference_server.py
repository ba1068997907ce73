"""The reference page is served as the product is."""

wsgi_app = "bench.reference:app"
workers = 2
threads = 8
worker_class = "gthread"
reuse_port = True
accesslog = None
control_socket_disable = True
