// The service in Go's net/http: Shutdown() stops listening and waits for what was begun.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// Set when it is built: -ldflags "-X main.version=v2".
var version = "unknown"

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", home)
	mux.HandleFunc("/api/items", items)
	mux.HandleFunc("/api/orders", order)
	mux.HandleFunc("/report", report)
	mux.HandleFunc("/healthz", healthz)
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("LISTEN"), Handler: named(mux)}

	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	finished := make(chan struct{})
	go func() {
		<-terminate
		log.Print("SIGTERM")
		if os.Getenv("SHUTDOWN") == "cut" {
			// The mistake of BREAK=cut-keep-alive: Close() cuts every connection, also one that waits for an answer.
			server.Close()
		} else if err := server.Shutdown(context.Background()); err != nil {
			log.Fatal(err)
		}
		log.Print("every connection is closed")
		close(finished)
	}()

	log.Printf("%s listens on %s, process %d", version, server.Addr, os.Getpid())
	// It returns as soon as Shutdown() is called, not when that is done.
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	// The mistake of BREAK=exit-at-once: main ends here, and with it every request that Shutdown() waits for.
	if os.Getenv("SHUTDOWN") == "exit" {
		return
	}
	<-finished
}

func named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Release", version)
		next.ServeHTTP(w, r)
	})
}

func home(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html><title>Shop</title><h1>Shop %s</h1>", version)
}

func items(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"items": []map[string]string{{"sku": "A1", "name": "Kettle"}}})
}

func order(w http.ResponseWriter, r *http.Request) {
	var body struct{ Sku string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 65536)).Decode(&body); err != nil {
		http.Error(w, "sku expected", http.StatusBadRequest)
		return
	}
	time.Sleep(100 * time.Millisecond) // a payment provider's answer
	answer(w, http.StatusCreated, map[string]string{"sku": body.Sku})
}

func report(w http.ResponseWriter, r *http.Request) {
	ms, err := strconv.Atoi(r.URL.Query().Get("ms"))
	if err != nil || ms > 30000 {
		ms = 1000
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	answer(w, http.StatusOK, map[string]int{"lines": 100})
}

func healthz(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok", "version": version})
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}
